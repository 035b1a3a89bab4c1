/** A wall clock shows whole milliseconds: a smaller difference is rounding, not a step. */
const ROUNDING_MS = 1.5;

/** The client's wall clock, reconstructed from readings of it. It may jump and drift against the true time. */
export class WallClock {
  readonly #looks: { readonly at: number; readonly ahead: number }[] = [];

  /** It showed `wall` at the true time `at`. Looks come in the order of time. */
  saw(at: number, wall: number): void {
    const ahead = wall - at;
    const last = this.#looks.at(-1);
    if (last === undefined || Math.abs(last.ahead - ahead) >= ROUNDING_MS) this.#looks.push({ at, ahead });
  }

  /** What it showed at a true time, within {@link ROUNDING_MS}. */
  at(at: number): number {
    return at + (this.#looks[this.#indexAt(at)]?.ahead ?? 0);
  }

  /** The last time up to another one at which it showed this; `Infinity`: it did not. */
  lastAt(wall: number, upTo: number): number {
    for (let index = this.#indexAt(upTo); index >= 0; index--) {
      const { ahead } = this.#looks[index]!;
      const at = wall - ahead;
      if (at <= upTo && this.#indexAt(at) === index) return at;
    }
    return Infinity;
  }

  /** The first time up to another one at which it showed this; `Infinity`: it did not. */
  firstAt(wall: number, upTo: number): number {
    for (let index = 0; index <= this.#indexAt(upTo); index++) {
      const at = wall - (this.#looks[index]?.ahead ?? 0);
      if (at <= upTo && this.#indexAt(at) === index) return at;
    }
    return Infinity;
  }

  /** Whether it ran true between two times: neither a jump nor a drift of more than its rounding. */
  ranTrue(from: number, to: number): boolean {
    return this.#indexAt(from) === this.#indexAt(to);
  }

  /** The last look at or before a time. */
  #indexAt(at: number): number {
    let low = 0;
    let high = this.#looks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#looks[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
