import type { Clock, TimerHandle } from './clock.js';

/**
 * One timer that judges a peer, and does not blame it for our own pauses: when the event loop was blocked and the timer
 * fires late, the time in which we could not listen is given back first.
 */
export class Deadline {
  readonly #clock: Clock;
  #timer: TimerHandle;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back after `delayMs`, unless cleared; replaces an earlier deadline. */
  set(delayMs: number, expired: () => void): void {
    this.clear();
    const due = this.#clock.monotonic() + delayMs;
    this.#timer = this.#clock.setTimeout(() => {
      const deafMs = this.#clock.monotonic() - due;
      if (deafMs > LATE_MS) this.set(Math.min(deafMs, delayMs), expired);
      else expired();
    }, delayMs);
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Timers are late by a few milliseconds in any busy process; by more, the loop was blocked. */
const LATE_MS = 50;
