/** One candle. */
export interface Bar {
  /** Where it begins, Unix seconds; a multiple of its length. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Units traded in it. */
  readonly volume: number;
}

/** The length of the bars that are kept, in seconds; longer ones are made of these. */
const BASE_SECONDS = 5;

/** The bars of one instrument, built from its ticks. */
export class Bars {
  readonly #capacity: number;
  readonly #bars: Bar[] = [];

  /** @param capacity how many to keep; the oldest go first */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Takes a price of this moment (Unix milliseconds), and how much was traded since the one before. What belongs to a
   * bar before the last one is left out: a chart cannot go back.
   */
  add(price: number, at: number, volume: number): void {
    const time = bucketOf(at / 1000, BASE_SECONDS);
    const last = this.#bars.at(-1);
    if (last === undefined || time > last.time) {
      this.#bars.push({ time, open: price, high: price, low: price, close: price, volume });
      if (this.#bars.length > this.#capacity) this.#bars.shift();
    } else if (time === last.time) {
      this.#bars[this.#bars.length - 1] = joined(last, {
        time,
        open: price,
        high: price,
        low: price,
        close: price,
        volume,
      });
    }
  }

  /** All bars of this length, a multiple of {@link BASE_SECONDS}; the oldest first. */
  all(seconds: number): Bar[] {
    return this.since(-Infinity, seconds);
  }

  /** The bars of this length that begin at this time (Unix seconds) or later. */
  since(from: number, seconds: number): Bar[] {
    let at = this.#bars.length;
    while (at > 0 && bucketOf(this.#bars[at - 1]!.time, seconds) >= from) at--;
    const found: Bar[] = [];
    for (const bar of this.#bars.slice(at)) {
      const time = bucketOf(bar.time, seconds);
      const last = found.at(-1);
      if (last?.time === time) found[found.length - 1] = joined(last, bar);
      else found.push({ ...bar, time });
    }
    return found;
  }
}

function bucketOf(time: number, seconds: number): number {
  return Math.floor(time / seconds) * seconds;
}

function joined(bar: Bar, next: Bar): Bar {
  return {
    time: bar.time,
    open: bar.open,
    high: Math.max(bar.high, next.high),
    low: Math.min(bar.low, next.low),
    close: next.close,
    volume: bar.volume + next.volume,
  };
}
