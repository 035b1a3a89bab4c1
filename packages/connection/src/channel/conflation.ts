import { Timer } from '@kite/kit';
import type { Clock, Tick } from '@kite/protocol';

import type { SourceTag } from '../feed/consumer.js';
import { Batch, type Held, Slot } from './batch.js';
import type { ResolvedChannelOptions } from './channel-options.js';
import { DATA, type Entry } from './entry.js';
import type { Queue } from './queue.js';

/** How many instruments to remember, for the next time, while nothing waits. */
const MOST_IDLE_SLOTS = 16_384;

/**
 * Keeps the newest tick of each instrument in a queue. One source's ticks gather in one batch until an order, a state
 * or a gap comes; later ticks gather in a new batch after it. A newer tick replaces the older one of its stream, and
 * the batch counts that as lost. If the newer tick comes from another source, the loss counts on that source's batch,
 * which may be read first.
 */
export class Conflation {
  readonly #queue: Queue<Held>;
  readonly #options: ResolvedChannelOptions;
  readonly #onLost: (source: SourceTag, weight: number) => void;
  readonly #onReady: () => void;
  readonly #timer: Timer;
  readonly #slots = new Map<number, Slot>();
  /** By source: the batch that its ticks gather in. */
  readonly #open = new Map<SourceTag, Batch>();
  /** The entry of the newest issue; it may have been taken since. */
  #issue: Entry<Held> | undefined;
  /** While the timer runs: the queue's `controls` when it was set. */
  #timedAt: number | undefined;
  #isStopped = false;
  /** Ticks of other sources that the current tick has replaced; counted once it is in its batch. */
  #overtaken = 0;

  /** @param onReady called when what was held back can be taken */
  constructor(
    queue: Queue<Held>,
    options: ResolvedChannelOptions,
    clock: Clock,
    onLost: (source: SourceTag, weight: number) => void,
    onReady: () => void,
  ) {
    this.#queue = queue;
    this.#options = options;
    this.#timer = new Timer(clock);
    this.#onLost = onLost;
    this.#onReady = onReady;
  }

  /** Queues ticks; each replaces the older one of its stream. */
  merge(ticks: readonly Tick[], source: SourceTag, receivedAt: number): void {
    const queue = this.#queue;
    let batch = this.#open.get(source);
    let replaced = 0;
    for (const tick of ticks) {
      let slot = this.#slots.get(tick.instrumentToken);
      const isOpen = batch !== undefined && this.#isOpen(batch);
      if (isOpen && slot !== undefined && slot.batch === batch && slot.twin === undefined) {
        slot.tick = tick;
        slot.replaced++;
        batch!.entry.dropped++;
        batch!.entry.receivedAt = receivedAt;
        replaced++;
        continue;
      }
      const own = slot && this.#supersedeAll(slot, tick, source, batch);
      if (own) {
        own.tick = tick;
        own.batch!.entry.receivedAt = receivedAt;
        this.#count(1 + this.#takeOvertaken(), own);
        replaced++;
        continue;
      }
      slot = this.#free(slot, tick.instrumentToken);
      while (queue.ticks >= this.#options.capacityTicks) this.#loseOldest();
      if (!batch || !this.#isOpen(batch)) batch = this.#begin(source, receivedAt);
      batch.put(slot, tick);
      batch.entry.receivedAt = receivedAt;
      queue.grow(batch.entry);
      this.#count(this.#takeOvertaken(), slot);
    }
    if (replaced > 0) this.#onLost(source, replaced);
  }

  /** Notes a loss of this source before its next ticks, which may gather in a batch that already waits. */
  lost(source: SourceTag, weight: number, receivedAt: number): void {
    const batch = this.#open.get(source);
    if (batch && this.#isOpen(batch)) batch.entry.dropped += weight;
    else this.#queue.lost(source, weight, receivedAt);
  }

  /** Makes later ticks of this source gather in a new batch; default: those of all sources. */
  split(source?: SourceTag): void {
    if (source) this.#open.get(source)?.complete();
    else for (const batch of this.#open.values()) batch.complete();
  }

  /** Drops the waiting issue for a new one: a flood of issues must not bury the market. */
  dropIssue(): void {
    const entry = this.#issue;
    // Entries are reused: this one may hold something else by now.
    if (entry?.isQueued && entry.rank === DATA && !(entry.item instanceof Batch)) this.#queue.drop(entry);
  }

  /** Remembers the newest issue; undefined if a reader got it at once. */
  noteIssue(entry: Entry<Held> | undefined): void {
    this.#issue = entry;
  }

  /** If there are many instruments, forgets them when nothing waits. */
  tidy(): void {
    if (this.#queue.ticks === 0 && this.#slots.size > MOST_IDLE_SLOTS) this.#slots.clear();
  }

  /** Nothing more comes. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.clear();
  }

  #isOpen(batch: Batch): boolean {
    return batch.isWaiting && batch.controls === this.#queue.controls;
  }

  #begin(source: SourceTag, receivedAt: number): Batch {
    const batch = new Batch();
    // An empty batch has room.
    batch.entry = this.#queue.push(source, batch, DATA, 0, receivedAt)!;
    batch.controls = this.#queue.controls;
    this.#open.set(source, batch);
    const { throttleMs } = this.#options;
    if (throttleMs === undefined || this.#isStopped) return batch;
    const { controls } = this.#queue;
    // If all that was held back gave way to newer ticks, its time goes on: else a reader could wait for ever.
    if (!this.#queue.isHoldingBack && this.#timedAt !== controls) {
      this.#timedAt = controls;
      this.#timer.set(throttleMs, () => {
        this.#timedAt = undefined;
        this.#queue.release();
        this.#onReady();
      });
    }
    this.#queue.holdBack();
    return batch;
  }

  /**
   * Takes out older ticks of this stream; those of the instrument that stay come before the new tick. Returns the slot
   * whose tick the new one replaces in place.
   */
  #supersedeAll(first: Slot, { mode }: Tick, source: SourceTag, open: Batch | undefined): Slot | undefined {
    let own: Slot | undefined;
    for (let slot: Slot | undefined = first; slot; slot = slot.twin) {
      const { batch } = slot;
      if (!batch?.isWaiting) continue;
      // Another mode from another source is another stream.
      const isOther = batch.entry.source !== source && slot.tick!.mode !== mode;
      if (slot.stays || isOther) this.#goBehind(batch, source);
      else if (batch === open) own = slot;
      else this.#supersede(slot, batch, source);
    }
    if (own === undefined || this.#isOpen(open!)) return own;
    this.#supersede(own, open!, source);
    return undefined;
  }

  /** Makes later ticks of this source gather behind that batch. */
  #goBehind({ entry }: Batch, source: SourceTag): void {
    const open = this.#open.get(source);
    if (open && open.entry.position < entry.position) open.complete();
  }

  /** A free slot of this instrument. */
  #free(first: Slot | undefined, instrumentToken: number): Slot {
    if (!first) {
      const slot = new Slot();
      this.#slots.set(instrumentToken, slot);
      return slot;
    }
    let slot = first;
    while (slot.batch?.isWaiting) slot = slot.twin ??= new Slot();
    return slot;
  }

  /** A newer tick, of this source, replaces the one in the slot. */
  #supersede(slot: Slot, batch: Batch, source: SourceTag): void {
    const { entry } = batch;
    if (entry.source !== source && entry.isBehindGap) {
      // The gap must come before the newer tick.
      this.#goBehind(batch, source);
      if (entry.weight === 1) {
        // The gap needs a tick to stand on: the last one after it stays.
        slot.stays = true;
        batch.complete();
        return;
      }
    }
    if (entry.source === source) this.#takeOut(entry);
    else {
      this.#takeOut(entry, -slot.replaced);
      this.#overtaken += 1 + slot.replaced;
    }
    slot.batch = undefined;
  }

  /** Counts this many ticks as replaced by the one in this slot. */
  #count(lost: number, slot: Slot): void {
    slot.replaced += lost;
    slot.batch!.entry.dropped += lost;
  }

  #takeOvertaken(): number {
    const overtaken = this.#overtaken;
    this.#overtaken = 0;
    return overtaken;
  }

  /** Takes a tick out of this entry: a newer one has come, or there is no room. */
  #takeOut(entry: Entry<Held>, dropped = 1): void {
    const { source } = entry;
    this.#queue.shrink(entry, dropped);
    if (entry.weight === 0) this.#queue.discard(entry);
    this.#onLost(source, 1);
  }

  /** Makes room for one tick. */
  #loseOldest(): void {
    const queue = this.#queue;
    queue.isFull = true;
    const oldest = queue.oldest(DATA)!;
    const { item } = oldest;
    if (!(item instanceof Batch)) queue.drop(oldest);
    else {
      item.loseFirst();
      this.#takeOut(oldest);
    }
  }
}
