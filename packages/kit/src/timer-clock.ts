/** What timers need of a clock. */
export interface TimerClock {
  /** Milliseconds since any fixed point; never jumps. */
  monotonic(): number;
  /** Calls back once after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Takes a timer back; without effect once it has called, and for undefined. */
  clearTimeout(timer: unknown): void;
}
