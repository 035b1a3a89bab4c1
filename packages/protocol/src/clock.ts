/** The source of time. Everything in these packages uses it, so that tests and simulations can control time. */
export interface Clock {
  /** Wall-clock time in Unix milliseconds, for timestamps. May jump. */
  now(): number;
  /** Milliseconds since any fixed point, for liveness and backoff. Never jumps. */
  monotonic(): number;
  /** Calls back once after `delayMs`. A pending timer keeps the process alive. Returns an opaque handle. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer; no effect once it has fired, or for undefined. */
  clearTimeout(timer: unknown): void;
}
