import type { TimerClock } from './timer-clock.js';

/**
 * One timer that judges a peer, without blaming it for our own pauses: if the event loop was blocked and the timer
 * fires late, the peer first gets back the time in which we could not listen. In total it gets back at most the delay
 * that was set, so that a busy loop does not wait for ever.
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

  /** Cancels the call back. */
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

/** A busy process delays timers by a few milliseconds; a longer delay means that the loop was blocked. */
const LATE_MS = 50;
