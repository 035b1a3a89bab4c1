import type { Backlog } from './backlog.js';
import type { ChannelId } from './channel-id.js';
import { joinGaps, type Gap } from './gap.js';

/** A gap as it stands in a backlog, among the data. */
export type GapMark = Gap & { type: 'gap'; channelId: ChannelId };

/** Reads data out of a backlog, and gathers what stands before it: gaps, and what was lost. */
export class LossMarks<T extends object> {
  #dropped = 0;
  /** By connection: what comes from one says nothing about a gap of another. */
  readonly #gaps = new Map<ChannelId, Gap>();

  /** The next item of data. */
  next(backlog: Backlog<T | GapMark>): T | undefined {
    for (let held = backlog.shift(); held !== undefined; held = backlog.shift()) {
      this.#dropped += backlog.lostBefore;
      if (!isGap(held)) return held;
      const { channelId, from, to, reason, instrumentTokens } = held;
      const gap: Gap = { from, to, reason, ...(instrumentTokens && { instrumentTokens }) };
      this.#gaps.set(channelId, joinGaps(this.#gaps.get(channelId), gap));
    }
    return undefined;
  }

  /** Writes what was gathered onto the item for the consumer. */
  mark<I extends { channelId: ChannelId; dropped: number; gap?: Gap }>(item: I): I {
    item.dropped = this.#dropped;
    this.#dropped = 0;
    const gap = this.#gaps.get(item.channelId);
    if (gap) {
      item.gap = gap;
      this.#gaps.delete(item.channelId);
    }
    return item;
  }
}

function isGap(held: object): held is GapMark {
  return 'type' in held && held.type === 'gap';
}
