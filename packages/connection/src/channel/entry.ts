import type { Gap } from '@kite/protocol';

import type { SourceTag } from '../feed/consumer.js';

/** Ticks, frames, and reports about them: the first to be lost. */
export const DATA = 0;
/** What only informs: broadcasts, unknown texts, errors that were contained. Outlives data. */
export const MINOR = 1;
/** Orders, states and gaps. Outlives all else. */
export const CONTROL = 2;

/** Which entries outlive which, when a channel is full. */
export type Rank = typeof DATA | typeof MINOR | typeof CONTROL;

/** A piece of memory that several frames of a channel lie in. */
export interface Chunk {
  readonly buffer: ArrayBufferLike;
  frames: number;
  /** Of these frames. */
  bytes: number;
}

/**
 * A place in a channel's queue: an item, and what was lost of its source before it. Used again for another item once it is
 * empty: a new object for each would outlive the collector's first rounds.
 */
export class Entry<T> {
  source: SourceTag;
  /** Undefined where only what was lost stands here. */
  item: T | undefined = undefined;
  rank: Rank = DATA;
  /** What it counts for when it is lost: the ticks in it, or 1. */
  weight = 0;
  /** How much was lost before it. */
  dropped = 0;
  /** Nothing was received in this time, before it. */
  gap: Gap | undefined = undefined;
  /**
   * What other sources lost before that gap, and behind their last entries: an instrument may have moved from one of them,
   * so that what comes after the gap is newer.
   */
  losses: Entry<T>[] | undefined = undefined;
  /** In Unix milliseconds. Where nothing but a loss stands: of what was lost last. */
  receivedAt = 0;
  isQueued = false;
  /** Where it stands in the queue: greater than that of all before it. */
  position = 0;
  /** The memory that a frame lies in; undefined: its own. */
  chunk: Chunk | undefined = undefined;

  constructor(source: SourceTag) {
    this.source = source;
  }
}
