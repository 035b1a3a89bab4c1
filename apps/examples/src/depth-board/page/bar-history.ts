import { type Bar, type BarBuilder, resample } from '@kite/bars';

/** A simulated market also trades at night: without sessions, bars are counted from midnight. */
export const calendar = { sessionOf: () => null };

/** The bars of one instrument: those that a builder has closed, and the current one. */
export class BarHistory {
  readonly #builder: BarBuilder;
  readonly #instrumentToken: number;
  readonly #capacity: number;
  readonly #closed: Bar[] = [];

  /** @param capacity how many to keep; the oldest go first */
  constructor(builder: BarBuilder, instrumentToken: number, capacity: number) {
    this.#builder = builder;
    this.#instrumentToken = instrumentToken;
    this.#capacity = capacity;
  }

  /** Keeps a closed bar. A revision replaces the bar that it revises. */
  keep(bar: Bar): void {
    const last = this.#closed.at(-1);
    if (last?.start === bar.start) this.#closed[this.#closed.length - 1] = bar;
    else this.#closed.push(bar);
    if (this.#closed.length > this.#capacity) this.#closed.shift();
  }

  /** All bars of this many seconds, a multiple of the builder's; the oldest first. */
  all(seconds: number): Bar[] {
    return this.since(-Infinity, seconds);
  }

  /** The bars of this many seconds that begin at this time (Unix milliseconds) or later. */
  since(from: number, seconds: number): Bar[] {
    const length = seconds * 1000;
    let at = this.#closed.length;
    // Midnight in India is a multiple of five minutes everywhere.
    const isWanted = ({ start }: Bar) => start - (start % length) >= from;
    while (at > 0 && isWanted(this.#closed[at - 1]!)) at--;
    const forming = this.#builder.forming(this.#instrumentToken);
    const bars = this.#closed.slice(at);
    if (forming && isWanted(forming)) bars.push(forming);
    return resample(bars, { ms: length }, { calendar });
  }
}
