/** Where time comes from. Everything in these packages takes it from here, so that tests and simulations can own it. */
export interface Clock {
  /** Wall-clock time in Unix milliseconds, for timestamps. May jump. */
  now(): number;
  /** Milliseconds since any fixed point, for liveness and backoff. Never jumps. */
  monotonic(): number;
  /** Calls back once after `delayMs`. A pending timer keeps the process alive. Returns an opaque handle. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Takes a timer back; without effect once it has called, and for undefined. */
  clearTimeout(timer: unknown): void;
}
