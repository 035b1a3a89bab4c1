import type { TimerClock } from './timer-clock.js';

/**
 * One timer that judges a peer, and does not blame it for our own pauses: when the event loop was blocked and the timer
 * fires late, the time in which we could not listen is given back first, in all as much as was set at most: a loop that
 * is always busy is no reason to wait for ever.
 */
export class Deadline {
  readonly #clock: TimerClock;
  #timer: unknown;

  constructor(clock: TimerClock) {
    this.#clock = clock;
  }

  /** Calls back after `delayMs`, unless cleared; replaces an earlier deadline. */
  set(delayMs: number, expired: () => void): void {
    this.clear();
    this.#wait(delayMs, delayMs, expired);
  }

  /** No call back any more. */
  clear(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(delayMs: number, allowanceMs: number, expired: () => void): void {
    const due = this.#clock.monotonic() + delayMs;
    this.#timer = this.#clock.setTimeout(() => {
      const deafMs = this.#clock.monotonic() - due;
      const givenMs = deafMs > LATE_MS ? Math.min(deafMs, allowanceMs) : 0;
      if (givenMs > 0) this.#wait(givenMs, allowanceMs - givenMs, expired);
      else expired();
    }, delayMs);
  }
}

/** Timers are late by a few milliseconds in any busy process; by more, the loop was blocked. */
const LATE_MS = 50;
