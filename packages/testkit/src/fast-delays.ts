/**
 * The delays of a connection, in milliseconds: minutes become moments. Liveness keeps its default, so that a busy machine
 * is not taken for a silent peer.
 */
export const FAST_DELAYS = {
  reconnectDelayMs: 5,
  maxReconnectDelayMs: 20,
  rateLimitDelayMs: 20,
  unauthorizedRetryDelayMs: 20,
  stableAfterMs: 30,
} as const;
