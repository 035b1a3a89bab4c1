import type { Backlog } from './backlog.js';
import type { Gap } from './message.js';

/** A gap as it stands in a backlog, among the data. */
export type GapMark = Gap & { type: 'gap' };

/** Reads data out of a backlog, and gathers what stands before it: gaps, and what was lost. */
export class LossMarks<T extends object> {
  #dropped = 0;
  #gap: Gap | undefined;

  /** The next item of data. */
  next(backlog: Backlog<T | GapMark>): T | undefined {
    for (let held = backlog.shift(); held !== undefined; held = backlog.shift()) {
      this.#dropped += backlog.lostBefore;
      if (!isGap(held)) return held;
      const { from, to, reason } = held;
      this.#gap = { from: this.#gap?.from ?? from, to, reason };
    }
    return undefined;
  }

  /** Writes what was gathered onto the item for the consumer. */
  mark<I extends { dropped: number; gap?: Gap }>(item: I): I {
    item.dropped = this.#dropped;
    if (this.#gap) item.gap = this.#gap;
    this.#dropped = 0;
    this.#gap = undefined;
    return item;
  }
}

function isGap(held: object): held is GapMark {
  return 'type' in held && held.type === 'gap';
}
