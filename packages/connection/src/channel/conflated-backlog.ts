import type { Clock, Gap, Tick, TickerMessage } from '@kite/protocol';

import type { ChannelId } from '../feed/channel-id.js';
import { joinGaps } from '../feed/gap.js';
import type { TicksMessage } from '../feed/message.js';
import type { Backlog } from './backlog.js';
import { type Batch, takeOut } from './batch.js';
import type { BacklogHooks } from './channel.js';
import { Ring } from './ring.js';

/** How a conflated backlog works. */
export interface ConflatedBacklogOptions extends BacklogHooks {
  /** Hand over at most once in so long, at the trailing edge; undefined: whenever the consumer is ready. */
  throttleMs: number | undefined;
  /** Bounds the items that are not ticks; the ticks are bounded by the number of instruments. */
  capacity: number;
  clock: Clock;
}

/** Ticks, and what was not received right before them. */
export type HeldTicks = TicksMessage & { gap?: Gap };

/** What a channel of messages or of ticks holds. */
export type HeldMessage = Exclude<TickerMessage, TicksMessage> | HeldTicks;

type Batches = Map<ChannelId, Batch>;

/**
 * Keeps the newest tick of each instrument, and gives them as one batch for each connection. A tick that a newer one
 * replaced counts as lost, so that delivered and lost always add up to what was received.
 *
 * All other items come first, but no two minor ones in a row while there are ticks: a flood of them is to keep nobody from the
 * market. And what was gathered before a gap comes before it, as a batch of its own, throttled or not: nobody is to take it for
 * what came after. So does what was ready before a state.
 */
export class ConflatedBacklog implements Backlog<HeldMessage> {
  readonly #options: ConflatedBacklogOptions;
  readonly #control = new Ring<HeldMessage | Batch>();
  /** Items that are lost before any control item is. */
  readonly #minor = new Ring<HeldMessage>();
  /** The batches among the control items, oldest first. No instrument is in two of them. */
  readonly #closed = new Set<Batch>();
  /** What the throttle still holds back. */
  readonly #gathering: Batches = new Map();
  readonly #ready: Batches = new Map();
  /** Gaps before ticks that were replaced, where their connection has brought nothing since. */
  readonly #orphaned = new Map<ChannelId, Gap>();
  #timer: unknown;
  #wasMinor = false;
  #lostBeforeNext = 0;
  lostBefore = 0;

  constructor(options: ConflatedBacklogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#control.size + this.#minor.size + this.#ready.size;
  }

  push(message: HeldMessage): boolean {
    if (message.type !== 'ticks') return this.pushMinor(message);
    if (message.gap) {
      this.#release(message.channelId);
      this.#close(message.channelId);
    }
    const { throttleMs, clock, onReady } = this.#options;
    if (throttleMs === undefined) {
      this.#merge(this.#ready, message, message.ticks);
      return true;
    }
    this.#merge(this.#gathering, message, message.ticks);
    this.#timer ??= clock.setTimeout(() => {
      this.flush();
      onReady();
    }, throttleMs);
    return true;
  }

  pushControl(message: HeldMessage): boolean {
    if (message.type === 'gap') this.#release(message.channelId);
    if (message.type === 'gap' || message.type === 'state') this.#close(message.channelId);
    if (this.#isFull && !this.#loseOldest(this.#minor)) this.#loseOldest(this.#control);
    this.#control.push(message);
    return true;
  }

  pushMinor(message: HeldMessage): boolean {
    if (!this.#isFull || this.#loseOldest(this.#minor)) this.#minor.push(message);
    else this.#lost(message, 1);
    return true;
  }

  lose(weight: number): void {
    this.#lostBeforeNext += weight;
  }

  shift(): HeldMessage | undefined {
    if (this.size === 0) return undefined;
    this.lostBefore = this.#lostBeforeNext;
    this.#lostBeforeNext = 0;
    const item = this.#control.shift() ?? this.#takeMinor() ?? this.#takeReady();
    return item && isBatch(item) ? this.#toMessage(item) : item;
  }

  takeLostAtTail(): number {
    // What is still held back comes after it.
    if (this.#gathering.size > 0) return 0;
    const lost = this.#lostBeforeNext;
    this.#lostBeforeNext = 0;
    return lost;
  }

  flush(): void {
    this.#stopTimer();
    for (const channelId of [...this.#gathering.keys()]) this.#release(channelId);
  }

  clear(): void {
    this.#stopTimer();
    this.#control.clear();
    this.#minor.clear();
    this.#closed.clear();
    this.#gathering.clear();
    this.#ready.clear();
    this.#orphaned.clear();
    this.#lostBeforeNext = 0;
  }

  get #isFull(): boolean {
    return this.#control.size + this.#minor.size >= this.#options.capacity;
  }

  /** Whether there was one. */
  #loseOldest(ring: Ring<HeldMessage> | Ring<HeldMessage | Batch>): boolean {
    const oldest = ring.shift();
    if (oldest === undefined) return false;
    if (isBatch(oldest)) {
      this.#closed.delete(oldest);
      this.#lostBeforeNext += oldest.replaced;
    }
    this.#lost(oldest, isBatch(oldest) ? oldest.ticks.size : 1);
    return true;
  }

  #lost(item: { channelId: ChannelId }, weight: number): void {
    this.#lostBeforeNext += weight;
    this.#options.onLost(item, weight);
  }

  #takeMinor(): HeldMessage | undefined {
    const item = this.#wasMinor && this.#ready.size > 0 ? undefined : this.#minor.shift();
    this.#wasMinor = item !== undefined;
    return item;
  }

  #takeReady(): Batch | undefined {
    const [batch] = this.#ready.values();
    if (batch) this.#ready.delete(batch.channelId);
    return batch;
  }

  #toMessage(batch: Batch): HeldTicks {
    const { channelId, ticks, receivedAt, replaced, gap } = batch;
    this.#closed.delete(batch);
    this.lostBefore += replaced;
    return { type: 'ticks', channelId, receivedAt, ticks: [...ticks.values()], ...(gap && { gap }) };
  }

  /** What is ready of this connection is handed over before all that comes. */
  #close(channelId: ChannelId): void {
    const batch = this.#ready.get(channelId);
    if (!batch) return;
    this.#ready.delete(channelId);
    this.#closed.add(batch);
    this.#control.push(batch);
    this.#takeOutOfClosed(batch);
  }

  /** Takes what this batch has newer ticks of out of those that were closed before it. */
  #takeOutOfClosed(newest: Batch): void {
    let replaced = 0;
    for (const batch of this.#closed) {
      if (batch === newest) break;
      for (const tick of newest.ticks.values()) if (takeOut(tick, batch, newest)) replaced++;
      if (batch.ticks.size > 0) continue;
      this.#emptied(batch, newest);
      this.#closed.delete(batch);
      this.#control.delete(batch);
    }
    this.#countReplaced(newest, replaced);
  }

  /** All of its ticks have been replaced: its gap stands before whatever comes next of its connection. */
  #emptied(batch: Batch, by: Batch): void {
    by.replaced += batch.replaced;
    const { channelId, gap } = batch;
    if (!gap) return;
    const batches = [...this.#closed, ...this.#ready.values(), ...this.#gathering.values()];
    const next = batches.slice(batches.indexOf(batch) + 1).find((later) => later.channelId === channelId);
    if (next) next.gap = next.gap ? joinGaps(gap, next.gap) : gap;
    else this.#orphaned.set(channelId, joinGaps(this.#orphaned.get(channelId), gap));
  }

  /** The throttle holds back nothing more of this connection. */
  #release(channelId: ChannelId): void {
    const batch = this.#gathering.get(channelId);
    this.#gathering.delete(channelId);
    if (batch) this.#merge(this.#ready, batch, batch.ticks.values()).replaced += batch.replaced;
  }

  #merge(
    into: Batches,
    { channelId, receivedAt, gap }: Omit<HeldTicks, 'type' | 'ticks'>,
    ticks: Iterable<Tick>,
  ): Batch {
    let batch = into.get(channelId);
    if (!batch) into.set(channelId, (batch = this.#newBatch(channelId)));
    batch.receivedAt = receivedAt;
    if (gap) batch.gap = joinGaps(batch.gap, gap);
    let replaced = 0;
    for (const tick of ticks) {
      if (batch.ticks.has(tick.instrumentToken)) replaced++;
      else if (into.size > 1 && this.#takeOver(tick, batch, into)) replaced++;
      batch.ticks.set(tick.instrumentToken, tick);
    }
    this.#countReplaced(batch, replaced);
    return batch;
  }

  #newBatch(channelId: ChannelId): Batch {
    const gap = this.#orphaned.get(channelId);
    this.#orphaned.delete(channelId);
    return { channelId, ticks: new Map(), receivedAt: 0, replaced: 0, ...(gap && { gap }) };
  }

  /**
   * Takes what another connection has brought of the tick's instrument out of its batch: an instrument moves, or comes over
   * several connections, and an older tick must not be handed over after this one.
   */
  #takeOver(tick: Tick, into: Batch, batches: Batches): boolean {
    for (const [channelId, batch] of batches) {
      if (!takeOut(tick, batch, into)) continue;
      if (batch.ticks.size > 0) return true;
      this.#emptied(batch, into);
      batches.delete(channelId);
      return true;
    }
    return false;
  }

  #countReplaced(batch: Batch, replaced: number): void {
    if (replaced === 0) return;
    batch.replaced += replaced;
    this.#options.onLost(batch, replaced);
  }

  #stopTimer(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function isBatch(item: HeldMessage | Batch): item is Batch {
  return !('type' in item);
}
