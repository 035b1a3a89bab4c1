/** How reconnects are paced. */
export interface BackoffOptions {
  /** The shortest delay. */
  reconnectDelayMs: number;
  /** The longest delay. */
  maxReconnectDelayMs: number;
}

/**
 * Exponential backoff with full jitter: uniform between the shortest delay and a ceiling that doubles with each failure
 * in a row. Never shorter than `reconnectDelayMs`, so that even a server that accepts and closes at once is paced.
 *
 * @param failures failures in a row, from 1
 * @param chance from 0 up to 1
 */
export function backoffDelay(failures: number, chance: number, options: BackoffOptions): number {
  const { reconnectDelayMs, maxReconnectDelayMs } = options;
  const ceiling = Math.max(reconnectDelayMs, Math.min(maxReconnectDelayMs, reconnectDelayMs * 2 ** failures));
  return reconnectDelayMs + chance * (ceiling - reconnectDelayMs);
}
