import type { TimerClock } from './timer-clock.js';

/** The longest delay that timers of JavaScript engines take; a longer one would fire at once. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** Calls back in the next turn of the event loop, after its due sockets and timers. */
export function machineTurn(callback: () => void): void {
  setImmediate(callback);
}

/** Makes a clock with the machine's own time. */
export function machineClock(): TimerClock & { now(): number } {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS)),
    clearTimeout: (timer) => {
      clearTimeout(timer as ReturnType<typeof setTimeout>);
    },
  };
}
