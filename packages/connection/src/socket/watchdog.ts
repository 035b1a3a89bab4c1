import type { Clock } from '@kite/protocol';

/** How often the watchdog looks per threshold. It is late by one look at most. */
const LOOKS = 8;

/** The longest time between two looks, in milliseconds: a silence is noticed this much late at most. */
const LONGEST_LOOK_MS = 500;

/** What a watchdog watches for. */
export interface WatchdogOptions {
  clock: Clock;
  /** A peer that has said nothing for this long, in milliseconds, is silent. At most `thresholdMs`. */
  silentMs: number;
  /** A peer that has said nothing for this long, in milliseconds, is gone. */
  thresholdMs: number;
}

/** Hears what a watchdog notices. */
export interface WatchdogOwner {
  /** The peer has fallen silent. */
  fellSilent(): void;
  /** It was silent, and has just given a sign of life. */
  spoke(): void;
  /** It is gone. The watchdog has stopped. */
  gone(): void;
}

/**
 * Notices that a peer has gone silent.
 *
 * A sign of life costs one assignment and one test, since there may be hundreds of thousands a second: the clock is
 * read when the watchdog looks, not when a frame arrives. A late look means that the event loop was blocked and nothing
 * was heard; that time does not count as the peer's silence.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #owner: WatchdogOwner;
  readonly #intervalMs: number;
  #timer: unknown;
  #heard = false;
  #isSilent = false;
  #heardAt = 0;

  constructor(options: WatchdogOptions, owner: WatchdogOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#intervalMs = Math.min(options.thresholdMs / LOOKS, LONGEST_LOOK_MS);
  }

  start(): void {
    this.stop();
    this.#heard = false;
    this.#isSilent = false;
    this.#heardAt = this.#options.clock.monotonic();
    this.#lookAgain();
  }

  /** The peer gave a sign of life. */
  alive(): void {
    this.#heard = true;
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#owner.spoke();
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookAgain(): void {
    const { clock, silentMs, thresholdMs } = this.#options;
    const now = clock.monotonic();
    // Looks exactly at each limit: timers that are each a little early would need one more look.
    const leftMs = this.#heardAt - now + (this.#isSilent ? thresholdMs : silentMs);
    const delayMs = Math.min(this.#intervalMs, leftMs);
    const due = now + delayMs;
    this.#timer = clock.setTimeout(() => {
      this.#look(due);
    }, delayMs);
  }

  #look(due: number): void {
    const { clock, silentMs, thresholdMs } = this.#options;
    const now = clock.monotonic();
    const deafMs = now - due;
    if (this.#heard) this.#heardAt = now;
    else if (deafMs > this.#intervalMs) this.#heardAt += deafMs;
    this.#heard = false;
    const unheardMs = now - this.#heardAt;
    if (unheardMs >= silentMs && !this.#isSilent) {
      this.#isSilent = true;
      this.#owner.fellSilent();
    }
    if (unheardMs < thresholdMs) this.#lookAgain();
    else this.#owner.gone();
  }
}
