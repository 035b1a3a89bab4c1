import { letExit } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** How often to check that the event loop runs, in milliseconds. */
const BEAT_MS = 1000;

/** Timers are late by a few milliseconds in any busy process; by more, the loop was blocked. */
const LATE_MS = 50;

/** Knows since when a channel is full and unread. Time in which a blocked event loop prevented reads does not count. */
export class StuckWatch {
  readonly #clock: Clock;
  #since: number | undefined;
  #timer: unknown;
  /** When the timer is due. */
  #due = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By the monotonic clock; undefined while the channel is read. */
  get since(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + this.#blockedMs(this.#since);
  }

  /** The channel is full. */
  full(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.monotonic();
    // A channel that fills again and again, and is read, needs no new timer each time.
    if (this.#timer === undefined) this.#beat(this.#since);
  }

  /** The channel was read. */
  read(): void {
    this.#since = undefined;
  }

  /** Nothing more comes: stops the timer. */
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

  /** How late the timer is by now; 0 within the tolerance. */
  #blockedMs(since: number): number {
    const lateMs = this.#clock.monotonic() - Math.max(this.#due, since);
    return lateMs > LATE_MS ? lateMs : 0;
  }
}
