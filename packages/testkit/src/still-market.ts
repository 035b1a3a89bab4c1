/** Options of a simulator in which nothing moves by itself, and heartbeats are quick. */
export const STILL_MARKET = { ticksPerSecond: 0, heartbeatIntervalMs: 10 } as const;
