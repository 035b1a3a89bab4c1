import type { Clock } from '@kite/protocol';

/** How often in a threshold the watchdog looks. It is late by one look at most. */
const LOOKS = 8;

/**
 * Notices that a peer has gone silent.
 *
 * A sign of life costs one assignment, for there may be hundreds of thousands a second: the clock is read when the
 * watchdog looks, not when a frame arrives. A look that comes late itself means that the event loop was blocked and
 * nobody listened; that time does not count as the peer's silence.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #thresholdMs: number;
  readonly #onSilence: () => void;
  #timer: unknown;
  #heard = false;
  #heardAt = 0;

  constructor(clock: Clock, thresholdMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#thresholdMs = thresholdMs;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.stop();
    this.#heardAt = this.#clock.monotonic();
    this.#lookAgain();
  }

  /** The peer gave a sign of life. */
  alive(): void {
    this.#heard = true;
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookAgain(): void {
    const interval = this.#thresholdMs / LOOKS;
    const now = this.#clock.monotonic();
    // The last look falls on the threshold itself: eight timers that are each a little early would ask for a ninth.
    const delayMs = Math.min(interval, this.#heardAt + this.#thresholdMs - now);
    const due = now + delayMs;
    this.#timer = this.#clock.setTimeout(() => {
      const lookedAt = this.#clock.monotonic();
      const deafMs = lookedAt - due;
      if (this.#heard) this.#heardAt = lookedAt;
      else if (deafMs > interval) this.#heardAt += deafMs;
      this.#heard = false;
      if (lookedAt - this.#heardAt >= this.#thresholdMs) this.#onSilence();
      else this.#lookAgain();
    }, delayMs);
  }
}
