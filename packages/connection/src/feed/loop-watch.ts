import { letExit } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** How often to check that the event loop runs, in milliseconds. */
const BEAT_MS = 1000;

/** A timer later than this, in milliseconds, means that the event loop was blocked, or that the machine slept. */
const LATE_MS = 1000;

/**
 * Detects that the event loop was blocked while frames come, or that the machine slept. A frame that waited in the
 * kernel meanwhile is received when the loop goes on: by then it is old.
 *
 * The monotonic clock may stand still during sleep, so both clocks are asked. A wall clock that is set forward looks
 * like a sleep.
 */
export class LoopWatch {
  readonly #clock: Clock;
  #timer: unknown;
  /** When the timer is due, by the monotonic clock and in Unix milliseconds. */
  #due = 0;
  #dueWall = 0;
  #hasCome = false;
  #wasBlocked = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A frame has come. Returns whether the loop was blocked just before. */
  came(): boolean {
    const now = this.#clock.monotonic();
    this.#hasCome = true;
    if (this.#timer === undefined) this.#beat(now);
    else if (this.#isLate(now)) {
      this.#wasBlocked = true;
      this.stop();
      this.#beat(now);
    }
    const wasBlocked = this.#wasBlocked;
    this.#wasBlocked = false;
    return wasBlocked;
  }

  /** Stops the timer. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #beat(now: number): void {
    this.#hasCome = false;
    this.#due = now + BEAT_MS;
    this.#dueWall = this.#clock.now() + BEAT_MS;
    this.#timer = this.#clock.setTimeout(() => {
      const firedAt = this.#clock.monotonic();
      this.#timer = undefined;
      this.#wasBlocked ||= this.#isLate(firedAt);
      if (this.#hasCome) this.#beat(firedAt);
    }, BEAT_MS);
    letExit(this.#timer);
  }

  #isLate(now: number): boolean {
    return now > this.#due + LATE_MS || this.#clock.now() > this.#dueWall + LATE_MS;
  }
}
