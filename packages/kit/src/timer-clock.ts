/** What timers need from a clock. */
export interface TimerClock {
  /** Milliseconds since any fixed point; never jumps. */
  monotonic(): number;
  /** Calls back once after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer; no effect once it has fired, or for undefined. */
  clearTimeout(timer: unknown): void;
}
