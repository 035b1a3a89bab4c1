import type { Gap } from '@kite/protocol';

import type { SourceTag } from '../feed/consumer.js';
import { joinGaps, parted } from '../feed/gap.js';
import type { ResolvedChannelOptions } from './channel-options.js';
import { CONTROL, DATA, Entry, GAP, MINOR, type Rank } from './entry.js';
import type { KeptMemory } from './kept-memory.js';

/**
 * Which gaps a reader can be told before an item of another source: none, those that name their instruments, or all. A
 * gap that names none concerns the connection of the item that it is told with.
 */
export type PassedGaps = 'none' | 'named' | 'all';

/**
 * A bounded queue in order of arrival. A full queue drops the oldest entry of the lowest rank; with `drop-newest` it
 * refuses new data instead. With `conflate`, data does not count as items: only the newest tick of each instrument
 * waits, and dropping one for another would lose the newest.
 *
 * A loss is noted on the next entry, whatever its source: with replicas, and after a move, that entry may be newer. Until
 * there is one, the loss is noted on the tail of its source. The same goes for a gap that has lost its place, if the
 * reader can be told it with an item of another source ({@link PassedGaps}). If not, it waits for its own source.
 *
 * The queue is a ring: a position modulo the ring's length is the entry's index. A dropped entry leaves an empty place.
 */
export class Queue<T> {
  readonly #capacity: number;
  readonly #capacityTicks: number;
  readonly #overflow: ResolvedChannelOptions['overflow'];
  readonly #onLost: (source: SourceTag, weight: number) => void;
  readonly #memory: KeptMemory | undefined;
  readonly #passed: PassedGaps;
  #ring: (Entry<T> | undefined)[] = new Array<undefined>(16);
  /** The positions of the first entry and after the last. */
  #start = 0;
  #end = 0;
  /** By rank: no entry of that rank stands before this position. */
  readonly #oldest: [number, number, number, number] = [0, 0, 0, 0];
  /** By source: what was lost after its last entry. */
  readonly #tails = new Map<SourceTag, Entry<T>>();
  #lastTail: Entry<T> | undefined;
  #isLossAtTail = false;
  #length = 0;
  /** Entries that count towards the capacity. */
  #items = 0;
  #ticks = 0;
  /** The position of the first entry held back, and how many are. */
  #heldFrom = 0;
  #held = 0;
  /** Entries of rank `GAP` and `CONTROL` so far. */
  controls = 0;
  /** Whether it reached a bound since an item was last taken. */
  isFull = false;

  /**
   * @param onLost called for each loss
   * @param passed which gaps of another source the reader can be told before an item
   */
  constructor(
    { capacity, capacityTicks, overflow }: ResolvedChannelOptions,
    onLost: (source: SourceTag, weight: number) => void,
    memory?: KeptMemory,
    passed: PassedGaps = 'none',
  ) {
    this.#capacity = capacity;
    this.#capacityTicks = capacityTicks;
    this.#overflow = overflow;
    this.#onLost = onLost;
    this.#memory = memory;
    this.#passed = passed;
  }

  /** Entries that can be taken. */
  get size(): number {
    return this.#length - this.#held;
  }

  /** Entries of this source: counted one by one, for statistics. */
  sizeOf(source: SourceTag): number {
    let size = 0;
    for (let position = this.#start; position < this.#end; position++) {
      const entry = this.#at(position);
      if (entry.isQueued && entry.source === source) size++;
    }
    return size;
  }

  /** Waiting ticks: the weight of all entries of rank `DATA`. */
  get ticks(): number {
    return this.#ticks;
  }

  get isHoldingBack(): boolean {
    return this.#held > 0;
  }

  get isHalfEmpty(): boolean {
    if (this.#items > this.#capacity / 2 || this.#ticks > this.#capacityTicks / 2) return false;
    return this.#memory === undefined || this.#memory.isHalfEmpty;
  }

  /** The first entry, unless it is held back. */
  get first(): Entry<T> | undefined {
    return this.#length > this.#held ? this.#at(this.#start) : undefined;
  }

  /** Whether nothing waits before this source's next item, not even a loss or a gap: a reader can have it at once. */
  isClearFor(source: SourceTag): boolean {
    return this.#length === 0 && !this.#isLossAtTail && this.#tailOf(source).gap === undefined;
  }

  /**
   * Adds an item. Returns undefined when there is no room and none can be made: the item is lost, or with the policy
   * `error` the caller ends the channel.
   *
   * @param gap comes before the item
   */
  push(
    source: SourceTag,
    item: T | undefined,
    rank: Rank,
    weight: number,
    receivedAt: number,
    gap?: Gap,
  ): Entry<T> | undefined {
    while (!this.#hasRoomFor(item, rank, weight)) {
      this.isFull = true;
      const victim = this.#victimOf(rank);
      if (victim) {
        this.drop(victim);
        continue;
      }
      if (this.#overflow !== 'error') this.lose(source, weight, receivedAt);
      return undefined;
    }
    const entry = this.#append(source);
    entry.item = item;
    entry.rank = rank;
    entry.weight = weight;
    entry.receivedAt = receivedAt;
    if (gap) entry.gap = joinGaps(entry.gap, this.#withWaiting(source, gap));
    if (this.#isLossAtTail) this.#gatherLosses(entry);
    if (this.#isCounted(rank)) this.#items++;
    if (rank === DATA) this.#ticks += weight;
    else if (rank >= GAP) {
      this.controls++;
      this.release();
    }
    if (this.#held > 0) this.#held++;
    if (this.#items >= this.#capacity) this.isFull = true;
    this.#memory?.hold(entry);
    return entry;
  }

  /** Holds back the last entry and those after it, until `release()` or the next entry of rank `GAP` or `CONTROL`. */
  holdBack(): void {
    if (this.#held > 0) return;
    this.#held = 1;
    this.#heldFrom = this.#end - 1;
  }

  release(): void {
    this.#held = 0;
  }

  /** Counts one more tick in this entry. */
  grow(entry: Entry<T>): void {
    entry.weight++;
    this.#ticks++;
  }

  /** Counts one tick less in this entry, and adds `dropped` to the losses before it. */
  shrink(entry: Entry<T>, dropped: number): void {
    entry.weight--;
    entry.dropped += dropped;
    this.#ticks--;
  }

  /** The oldest entry of this rank. Each search starts where the last one ended. */
  oldest(rank: Rank): Entry<T> | undefined {
    let position = Math.max(this.#oldest[rank], this.#start);
    for (; position < this.#end; position++) {
      const entry = this.#at(position);
      if (!entry.isQueued || entry.rank !== rank) continue;
      this.#oldest[rank] = position;
      return entry;
    }
    this.#oldest[rank] = position;
    return undefined;
  }

  /** Drops an entry, and counts its ticks as lost. */
  drop(entry: Entry<T>): void {
    const { source, weight } = entry;
    entry.dropped += weight;
    this.discard(entry);
    if (weight > 0) this.#onLost(source, weight);
  }

  /** Removes an entry, and notes the losses before it on a later one. */
  discard(entry: Entry<T>): void {
    const { losses, position } = entry;
    this.#passOn(entry, position);
    for (const loss of losses ?? []) this.#passOn(loss, position);
    this.remove(entry);
  }

  /** Removes an entry, with the losses before it. */
  remove(entry: Entry<T>): void {
    this.#length--;
    if (this.#isCounted(entry.rank)) this.#items--;
    if (entry.rank === DATA) this.#ticks -= entry.weight;
    if (this.#held > 0 && entry.position >= this.#heldFrom) this.#held--;
    this.#memory?.release(entry);
    entry.isQueued = false;
    entry.item = entry.gap = entry.losses = undefined;
    while (this.#start < this.#end && !this.#at(this.#start).isQueued) this.#start++;
  }

  /** Counts data of this source as lost without queueing it. */
  lose(source: SourceTag, weight: number, receivedAt: number): void {
    this.lost(source, weight, receivedAt);
    this.#onLost(source, weight);
  }

  /** Notes that this much of this source was lost before it came here. */
  lost(source: SourceTag, weight: number, receivedAt: number): void {
    this.#losing(source, receivedAt).dropped += weight;
  }

  /** This source delivered nothing during this gap. */
  gap(source: SourceTag, gap: Gap): void {
    const tail = this.#tailOf(source);
    tail.gap = joinGaps(tail.gap, this.#withWaiting(source, gap));
    if (this.#passes(tail.gap)) this.#isLossAtTail = true;
  }

  /**
   * The gap before this entry, those of other sources included. If it is of a whole connection it cannot tell those:
   * they go on to the next entry.
   */
  gapBefore(entry: Entry<T>): Gap | undefined {
    let { gap } = entry;
    for (const loss of entry.losses ?? []) {
      if (loss.gap === undefined) continue;
      if (gap && !gap.instrumentTokens) this.#passOn(loss, entry.position);
      else gap = joinGaps(gap, loss.gap);
    }
    return gap;
  }

  /**
   * Losses and gaps behind the last entry: nothing else may report them.
   *
   * @param last the last entry, if they are reported with it: then without those of its own source
   */
  tailLosses(last?: Entry<T>): readonly Entry<T>[] {
    if (!this.#isLossAtTail || this.#length > (last ? 1 : 0)) return [];
    const tails = [...this.#tails.values()].filter(({ dropped, gap }) => dropped > 0 || gap);
    this.#isLossAtTail =
      last !== undefined &&
      tails.some(({ source, gap }) => source === last.source || (gap !== undefined && this.#passes(gap)));
    return tails.filter(({ source }) => source !== last?.source);
  }

  /** Nothing more comes: releases what is held back and stops the timer. */
  settle(): void {
    this.release();
    this.#memory?.settle();
  }

  clear(): void {
    while (this.#length > 0) this.remove(this.#at(this.#start));
    this.#tails.clear();
    this.#lastTail = undefined;
    this.#isLossAtTail = false;
  }

  #at(position: number): Entry<T> {
    return this.#ring[position & (this.#ring.length - 1)]!;
  }

  /** Notes a loss, and a gap, of this position on a later entry. */
  #passOn(loss: Entry<T>, position: number): void {
    const { dropped, gap, source, receivedAt } = loss;
    if (gap) {
      const heir = this.#passes(gap)
        ? this.#heirOf(loss, position)
        : (this.#nextOf(source, position) ?? this.#losing(source, receivedAt));
      heir.gap = heir.gap ? joinGaps(gap, heir.gap) : gap;
    }
    if (dropped > 0) this.#heirOf(loss, position).dropped += dropped;
  }

  /** The entry for a loss of this source at this position: the next one. */
  #heirOf({ source, receivedAt }: Entry<T>, position: number): Entry<T> {
    for (let next = position + 1; next < this.#end; next++) {
      const entry = this.#at(next);
      if (entry.isQueued) return entry.source === source ? entry : lossIn(entry, source, receivedAt);
    }
    return this.#losing(source, receivedAt);
  }

  /**
   * The gap, joined with gaps of its instruments that wait on other sources' tails. The instruments moved here from
   * those sources: those gaps must be read before what this source delivers now.
   */
  #withWaiting(source: SourceTag, gap: Gap): Gap {
    const { instrumentTokens } = gap;
    if (!instrumentTokens) return gap;
    const moved = new Set(instrumentTokens);
    let joined = gap;
    for (const tail of this.#tails.values()) {
      if (tail.source === source || !tail.gap?.instrumentTokens) continue;
      const { of, rest } = parted(tail.gap, moved);
      if (of) joined = joinGaps(of, joined);
      tail.gap = rest;
    }
    return joined;
  }

  /** Moves the losses on other sources' tails to this entry, and their gaps if they need not wait for their own source. */
  #gatherLosses(entry: Entry<T>): void {
    this.#isLossAtTail = false;
    for (const tail of this.#tails.values()) {
      const { source, receivedAt, dropped, gap } = tail;
      if (gap && !this.#passes(gap)) this.#isLossAtTail = true;
      else if (gap) {
        lossIn(entry, source, receivedAt).gap = gap;
        tail.gap = undefined;
      }
      if (dropped === 0) continue;
      lossIn(entry, source, receivedAt).dropped += dropped;
      tail.dropped = 0;
    }
  }

  #passes({ instrumentTokens }: Gap): boolean {
    return this.#passed === 'all' || (this.#passed === 'named' && instrumentTokens !== undefined);
  }

  #nextOf(source: SourceTag, position: number): Entry<T> | undefined {
    for (let next = position + 1; next < this.#end; next++) {
      const entry = this.#at(next);
      if (entry.source === source && entry.isQueued) return entry;
    }
    return undefined;
  }

  #tailOf(source: SourceTag): Entry<T> {
    if (this.#lastTail?.source === source) return this.#lastTail;
    let tail = this.#tails.get(source);
    if (!tail) this.#tails.set(source, (tail = new Entry<T>(source)));
    return (this.#lastTail = tail);
  }

  /** The tail of this source, to note a loss on. */
  #losing(source: SourceTag, receivedAt: number): Entry<T> {
    const tail = this.#tailOf(source);
    tail.receivedAt = receivedAt;
    this.#isLossAtTail = true;
    return tail;
  }

  #hasRoomFor(item: T | undefined, rank: Rank, weight: number): boolean {
    if (this.#items >= this.#capacity && this.#isCounted(rank)) return false;
    if (rank !== DATA) return true;
    // An item larger than a bound may come in alone: otherwise it could never be read.
    if (this.#ticks + weight > this.#capacityTicks && this.#ticks > 0) return false;
    return this.#memory === undefined || this.#memory.hasRoomFor(item as Uint8Array);
  }

  #isCounted(rank: Rank): boolean {
    return rank !== DATA || this.#overflow !== 'conflate';
  }

  #victimOf(rank: Rank): Entry<T> | undefined {
    if (this.#overflow === 'error' || (this.#overflow === 'drop-newest' && rank === DATA)) return undefined;
    let victim = this.#isCounted(DATA) || rank === DATA ? this.oldest(DATA) : undefined;
    if (!victim && rank >= MINOR) victim = this.oldest(MINOR);
    if (!victim && rank >= GAP) victim = this.oldest(GAP) ?? this.oldest(CONTROL);
    return victim;
  }

  /** Adds a last entry of this source, and moves the losses of its tail there. */
  #append(source: SourceTag): Entry<T> {
    if (this.#length === 0) {
      this.#start = this.#end = 0;
      this.#oldest.fill(0);
    } else if (this.#end - this.#start === this.#ring.length) this.#widen();
    const tail = this.#tailOf(source);
    const entry = (this.#ring[this.#end & (this.#ring.length - 1)] ??= new Entry<T>(source));
    entry.source = source;
    entry.position = this.#end++;
    entry.isQueued = true;
    entry.dropped = tail.dropped;
    entry.gap = tail.gap;
    tail.dropped = 0;
    tail.gap = undefined;
    this.#length++;
    return entry;
  }

  /** Closes the empty places; if there are few, makes the ring larger. */
  #widen(): void {
    const { length } = this.#ring;
    const ring = new Array<Entry<T> | undefined>(this.#length > length / 2 ? length * 2 : length);
    let end = 0;
    let spare = ring.length;
    for (let position = this.#start; position < this.#end; position++) {
      const entry = this.#at(position);
      if (entry.isQueued) {
        entry.position = end;
        ring[end++] = entry;
      } else ring[--spare] = entry;
    }
    this.#ring = ring;
    this.#start = 0;
    this.#end = end;
    this.#oldest.fill(0);
    this.#heldFrom = end - this.#held;
  }
}

/** The record of this source's losses in another source's entry. */
function lossIn<T>(entry: Entry<T>, source: SourceTag, receivedAt: number): Entry<T> {
  entry.losses ??= [];
  let loss = entry.losses.find((one) => one.source === source);
  if (!loss) entry.losses.push((loss = new Entry<T>(source)));
  loss.receivedAt = receivedAt;
  return loss;
}
