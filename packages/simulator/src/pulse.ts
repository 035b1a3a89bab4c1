import type { Clock } from '@kite/protocol';

/**
 * Calls back at multiples of an interval since its start, without drift. After a late timer the callback gets the
 * number of intervals, above one.
 */
export class Pulse {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #onPulse: (intervals: number) => void;
  #timer: unknown;
  #origin = 0;
  #done = 0;

  constructor(clock: Clock, intervalMs: number, onPulse: (intervals: number) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#onPulse = onPulse;
  }

  start(): void {
    this.stop();
    this.#origin = this.#clock.monotonic();
    this.#done = 0;
    this.#schedule();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const next = this.#origin + (this.#done + 1) * this.#intervalMs;
    this.#timer = this.#clock.setTimeout(() => this.#fire(), Math.max(0, next - this.#clock.monotonic()));
  }

  #fire(): void {
    // Half a millisecond of grace: timers fire on whole ones.
    const elapsed = this.#clock.monotonic() - this.#origin + 0.5;
    const due = Math.floor(elapsed / this.#intervalMs) - this.#done;
    this.#done += Math.max(0, due);
    this.#schedule();
    if (due > 0) this.#onPulse(due);
  }
}
