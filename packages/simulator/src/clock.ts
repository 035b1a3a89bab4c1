/**
 * Where the simulator takes its time from: replace it and a whole trading day runs on a clock of your own.
 * The clocks of the other `@kite/*` packages have the same shape.
 */
export interface Clock {
  /** Unix milliseconds: timestamps in ticks, orders, logs and recordings. */
  now(): number;
  /** Milliseconds that never go back: the pace of the market, heartbeats, delays. */
  monotonic(): number;
  /** Calls `callback` once, after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Forgets a timeout; a handle that has fired is ignored. */
  clearTimeout(handle: unknown): void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
