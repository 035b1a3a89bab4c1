import { letExit } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** So often it is seen whether the event loop runs, in milliseconds. */
const BEAT_MS = 1000;

/** Timers are late by a few milliseconds in any busy process; by more, the loop was blocked. */
const LATE_MS = 50;

/** Since when a channel is full and not read. The time in which the event loop was blocked does not count: nobody could read. */
export class StuckWatch {
  readonly #clock: Clock;
  #since: number | undefined;
  #timer: unknown;
  /** When the timer is due. */
  #due = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By the monotonic clock; undefined while somebody reads. */
  get since(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + this.#blockedMs(this.#since);
  }

  /** It is full. */
  full(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.monotonic();
    // One that is full again and again, and read, needs no other timer each time.
    if (this.#timer === undefined) this.#beat(this.#since);
  }

  /** Somebody reads. */
  read(): void {
    this.#since = undefined;
  }

  /** Nothing more comes: no timer is left. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #beat(now: number): void {
    this.#due = now + BEAT_MS;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#since === undefined) return;
      this.#since += this.#blockedMs(this.#since);
      this.#beat(this.#clock.monotonic());
    }, BEAT_MS);
    letExit(this.#timer);
  }

  /** For how long the timer is late by now. */
  #blockedMs(since: number): number {
    const lateMs = this.#clock.monotonic() - Math.max(this.#due, since);
    return lateMs > LATE_MS ? lateMs : 0;
  }
}
