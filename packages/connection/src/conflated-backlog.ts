import type { Tick } from '@kite/protocol';

import type { Backlog } from './backlog.js';
import type { ChannelId } from './channel-id.js';
import type { BacklogHooks } from './channel.js';
import type { Clock, TimerHandle } from './clock.js';
import { joinGaps, type Gap } from './gap.js';
import type { TickerMessage, TicksMessage } from './message.js';
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

interface Batch {
  channelId: ChannelId;
  ticks: Map<number, Tick>;
  receivedAt: number;
  replaced: number;
  gap?: Gap;
}

type Batches = Map<ChannelId, Batch>;

/**
 * Keeps the newest tick of each instrument, and gives them as one batch for each connection. A tick that a newer one
 * replaced counts as lost, so that delivered and lost always add up to what was received.
 *
 * All other items come first. But what was gathered before a gap comes before it, as a batch of its own: nobody is to take it
 * for what came after.
 */
export class ConflatedBacklog implements Backlog<HeldMessage> {
  readonly #options: ConflatedBacklogOptions;
  readonly #control = new Ring<HeldMessage | Batch>();
  /** Items that are lost before any control item is. */
  readonly #minor = new Ring<HeldMessage>();
  /** The batches among the control items: one of each connection at most. */
  readonly #closed: Batches = new Map();
  /** What the throttle still holds back. */
  readonly #gathering: Batches = new Map();
  readonly #ready: Batches = new Map();
  #timer: TimerHandle;
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
    if (message.gap) this.#close(message.channelId);
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
    if (message.type === 'gap') this.#close(message.channelId);
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
    const item = this.#control.shift() ?? this.#minor.shift() ?? this.#takeReady();
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
      this.#closed.delete(oldest.channelId);
      this.#lostBeforeNext += oldest.replaced;
    }
    this.#lost(oldest, isBatch(oldest) ? oldest.ticks.size : 1);
    return true;
  }

  #lost(item: { channelId: ChannelId }, weight: number): void {
    this.#lostBeforeNext += weight;
    this.#options.onLost(item, weight);
  }

  #takeReady(): Batch | undefined {
    const [batch] = this.#ready.values();
    if (batch) this.#ready.delete(batch.channelId);
    return batch;
  }

  #toMessage({ channelId, ticks, receivedAt, replaced, gap }: Batch): HeldTicks {
    this.#closed.delete(channelId);
    this.lostBefore += replaced;
    return { type: 'ticks', channelId, receivedAt, ticks: [...ticks.values()], ...(gap && { gap }) };
  }

  /** What this connection has brought until now is handed over before all that comes. */
  #close(channelId: ChannelId): void {
    this.#release(channelId);
    const batch = this.#ready.get(channelId);
    if (!batch) return;
    this.#ready.delete(channelId);
    if (this.#closed.has(channelId)) {
      this.#mergeBatch(this.#closed, batch);
    } else {
      this.#closed.set(channelId, batch);
      this.#control.push(batch);
    }
  }

  /** The throttle holds back nothing more of this connection. */
  #release(channelId: ChannelId): void {
    const batch = this.#gathering.get(channelId);
    this.#gathering.delete(channelId);
    if (batch) this.#mergeBatch(this.#ready, batch);
  }

  #mergeBatch(into: Batches, batch: Batch): void {
    this.#merge(into, batch, batch.ticks.values()).replaced += batch.replaced;
  }

  #merge(
    into: Batches,
    { channelId, receivedAt, gap }: Omit<HeldTicks, 'type' | 'ticks'>,
    ticks: Iterable<Tick>,
  ): Batch {
    let batch = into.get(channelId);
    if (!batch) into.set(channelId, (batch = { channelId, ticks: new Map(), receivedAt: 0, replaced: 0 }));
    batch.receivedAt = receivedAt;
    if (gap) batch.gap = joinGaps(batch.gap, gap);
    let replaced = 0;
    for (const tick of ticks) {
      if (batch.ticks.has(tick.instrumentToken)) replaced++;
      else if (into.size > 1 && takeOver(tick, batch, into)) replaced++;
      batch.ticks.set(tick.instrumentToken, tick);
    }
    if (replaced > 0) {
      batch.replaced += replaced;
      this.#options.onLost(batch, replaced);
    }
    return batch;
  }

  #stopTimer(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function isBatch(item: HeldMessage | Batch): item is Batch {
  return !('type' in item);
}

/**
 * Takes what another connection has brought of the tick's instrument out of its batch: an instrument moves, or comes over
 * several connections, and an older tick must not be handed over after this one. In another mode it is another stream.
 */
function takeOver({ instrumentToken, mode }: Tick, into: Batch, batches: Batches): boolean {
  for (const [channelId, batch] of batches) {
    if (batch.ticks.get(instrumentToken)?.mode !== mode) continue;
    batch.ticks.delete(instrumentToken);
    if (batch.ticks.size > 0) return true;
    into.replaced += batch.replaced;
    if (batch.gap) into.gap = joinGaps(into.gap, batch.gap);
    batches.delete(channelId);
    return true;
  }
  return false;
}
