import type { Gap } from '@kite/protocol';

import type { ChannelId } from '../feed/channel-id.js';
import { joinGaps } from '../feed/gap.js';
import type { Backlog, BoundedOverflow } from './backlog.js';

/** Data of a channel that has no items for what was lost: it stands on the data that comes after. */
export interface Marked {
  channelId: ChannelId;
  gap?: Gap;
}

/**
 * What was lost before the data of a channel. Gaps wait outside its backlog and come in with the first data after them, so
 * that they take no place of data; where that data is lost, they stand on what is read next.
 *
 * By connection: what comes from one says nothing about a gap of another.
 */
export class LossMarks<T extends Marked> {
  /** Gaps that no data has followed yet. */
  readonly #waiting = new Map<ChannelId, Gap>();
  /** Gaps of data that was lost. */
  readonly #orphaned = new Map<ChannelId, Gap>();
  #dropped = 0;

  /** Nothing came in this time. */
  gap(channelId: ChannelId, gap: Gap): void {
    join(this.#waiting, channelId, gap);
  }

  /** What is to stand on the next data of this connection, which is about to be taken in. */
  takeGap(channelId: ChannelId): Gap | undefined {
    const gap = this.#waiting.get(channelId);
    if (gap) this.#waiting.delete(channelId);
    return gap;
  }

  /** Data was lost, as the policy says: the newest, which was never taken in, or the oldest. */
  lost({ channelId, gap }: Marked, overflow: BoundedOverflow): void {
    if (gap) join(overflow === 'drop-newest' ? this.#waiting : this.#orphaned, channelId, gap);
  }

  /** The next item of data. */
  next(backlog: Backlog<T>): T | undefined {
    const item = backlog.shift();
    if (item !== undefined) this.#dropped += backlog.lostBefore;
    return item;
  }

  /** Writes what was lost before this data onto the item for the consumer. */
  mark<I extends { channelId: ChannelId; dropped: number; gap?: Gap }>(item: I): I {
    item.dropped = this.#dropped;
    this.#dropped = 0;
    const orphan = this.#orphaned.get(item.channelId);
    if (orphan) {
      this.#orphaned.delete(item.channelId);
      item.gap = item.gap ? joinGaps(orphan, item.gap) : orphan;
    }
    return item;
  }
}

function join(gaps: Map<ChannelId, Gap>, channelId: ChannelId, gap: Gap): void {
  gaps.set(channelId, joinGaps(gaps.get(channelId), gap));
}
