import { letExit } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** So often it is seen whether the event loop runs, in milliseconds. */
const BEAT_MS = 1000;

/** A timer that is later than this tells that the event loop was blocked, in milliseconds. */
const LATE_MS = 1000;

/**
 * Tells when the event loop was blocked, while frames come. A frame that waited in the kernel meanwhile is received when the
 * loop goes on: by then it is old.
 */
export class LoopWatch {
  readonly #clock: Clock;
  #timer: unknown;
  /** When the timer is due, by the monotonic clock. */
  #due = 0;
  #hasCome = false;
  #wasBlocked = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A frame has come. Whether the loop was blocked just before. */
  came(): boolean {
    const now = this.#clock.monotonic();
    this.#hasCome = true;
    if (this.#timer === undefined) this.#beat(now);
    else if (now > this.#due + LATE_MS) {
      this.#wasBlocked = true;
      this.stop();
      this.#beat(now);
    }
    const wasBlocked = this.#wasBlocked;
    this.#wasBlocked = false;
    return wasBlocked;
  }

  /** No timer is left. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #beat(now: number): void {
    this.#hasCome = false;
    this.#due = now + BEAT_MS;
    this.#timer = this.#clock.setTimeout(() => {
      const firedAt = this.#clock.monotonic();
      this.#timer = undefined;
      this.#wasBlocked ||= firedAt > this.#due + LATE_MS;
      if (this.#hasCome) this.#beat(firedAt);
    }, BEAT_MS);
    letExit(this.#timer);
  }
}
