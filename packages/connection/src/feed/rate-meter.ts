/** Seconds that a rate is taken over. */
const WINDOW_S = 5;

/** One more slot than whole seconds in the window, for the second that is still running. */
const SLOTS = WINDOW_S + 1;

/** Events a second over the last five seconds, or since the first event, without a timer. */
export class RateMeter {
  readonly #counts = new Float64Array(SLOTS);
  readonly #seconds = new Float64Array(SLOTS).fill(-Infinity);
  #firstAt: number | undefined;
  #lastAt = NaN;
  #slot = 0;

  /** Counts one event, at a time in milliseconds since any fixed point. */
  count(now: number): void {
    // In a flood many come in the same millisecond.
    if (now !== this.#lastAt) this.#turnTo(now);
    this.#counts[this.#slot]!++;
  }

  #turnTo(now: number): void {
    // The clock was set back: earlier counts belong to a time that is yet to come.
    if (now < this.#lastAt - WINDOW_S * 1000) this.#reset();
    this.#firstAt ??= now;
    this.#lastAt = now;
    const second = Math.floor(now / 1000);
    this.#slot = ((second % SLOTS) + SLOTS) % SLOTS;
    if (this.#seconds[this.#slot] !== second) {
      this.#seconds[this.#slot] = second;
      this.#counts[this.#slot] = 0;
    }
  }

  #reset(): void {
    this.#counts.fill(0);
    this.#seconds.fill(-Infinity);
    this.#firstAt = undefined;
  }

  perSecond(now: number): number {
    if (this.#firstAt === undefined) return 0;
    const newest = Math.floor(now / 1000);
    const oldest = newest - WINDOW_S;
    let total = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const second = this.#seconds[slot]!;
      // A second that is yet to come was counted before the clock was set back.
      if (second >= oldest && second <= newest) total += this.#counts[slot]!;
    }
    const from = Math.max(oldest * 1000, this.#firstAt);
    return total / Math.max(1, (now - from) / 1000);
  }
}
