/** What a {@link Clock} hands out for a timer; opaque. */
export type TimerHandle = unknown;

/** Where time comes from. Everything in these packages takes it from here, so that tests and simulations can own it. */
export interface Clock {
  /** Wall-clock time in Unix milliseconds, for timestamps. May jump. */
  now(): number;
  /** Milliseconds since any fixed point, for liveness and backoff. Never jumps. */
  monotonic(): number;
  /** Calls back once after `delayMs`. A pending timer keeps the process alive. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  /** Takes a timer back; without effect once it has called, and for undefined. */
  clearTimeout(timer: TimerHandle): void;
}

/** The longest delay that timers of JavaScript engines take; a longer one would fire at once. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS)),
  clearTimeout: (timer) => {
    clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};
