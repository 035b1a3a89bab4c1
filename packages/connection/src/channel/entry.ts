import type { Gap } from '@kite/protocol';

import type { SourceTag } from '../feed/consumer.js';

/** Ticks, frames, and reports about them: dropped first. */
export const DATA = 0;
/** Information only: broadcasts, unknown texts, contained errors. Outlives data. */
export const MINOR = 1;
/** Gaps. Outlives the above. One that is dropped is joined with the next one: nothing is lost but its place. */
export const GAP = 2;
/** Orders and states. Outlives all else. */
export const CONTROL = 3;

/** Which entries outlive which, when a channel is full. */
export type Rank = typeof DATA | typeof MINOR | typeof GAP | typeof CONTROL;

/** A piece of memory that several frames of a channel lie in. */
export interface Chunk {
  readonly buffer: ArrayBufferLike;
  frames: number;
  /** The size of these frames. */
  bytes: number;
}

/**
 * A place in a channel's queue: an item, and what its source lost before it. Reused once empty: a new object each time
 * would outlive the collector's first rounds.
 */
export class Entry<T> {
  source: SourceTag;
  /** Undefined if only losses stand here. */
  item: T | undefined = undefined;
  rank: Rank = DATA;
  /** What its loss counts for: the ticks in it, or 1. */
  weight = 0;
  /** How much was lost before it. */
  dropped = 0;
  /** The gap before it, in which nothing was received. */
  gap: Gap | undefined = undefined;
  /**
   * What other sources lost before it, and their gaps. Another source may bring the same instruments, or an instrument
   * may have moved here from one of them: so what follows is newer.
   */
  losses: Entry<T>[] | undefined = undefined;
  /** In Unix milliseconds. If only losses stand here: when the last of them was received. */
  receivedAt = 0;
  isQueued = false;
  /** Its position in the queue: greater than those of all entries before it. */
  position = 0;
  /** The memory that a frame lies in; undefined: its own. */
  chunk: Chunk | undefined = undefined;

  constructor(source: SourceTag) {
    this.source = source;
  }

  /** Whether a gap stands before it, of its source or of another one. */
  get isBehindGap(): boolean {
    return this.gap !== undefined || (this.losses?.some(({ gap }) => gap !== undefined) ?? false);
  }
}
