import type { Tick } from '@kite/protocol';

import type { Backlog } from './backlog.js';
import type { ChannelId } from './channel-id.js';
import type { BacklogHooks } from './channel.js';
import type { Clock, TimerHandle } from './clock.js';
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

interface Batch {
  ticks: Map<number, Tick>;
  receivedAt: number;
  replaced: number;
}

type Batches = Map<ChannelId, Batch>;

/**
 * Keeps the newest tick of each instrument, and gives them as one batch for each connection. A tick that a newer one
 * replaced counts as lost, so that delivered and lost always add up to what was received. Control items come first.
 */
export class ConflatedBacklog implements Backlog<TickerMessage> {
  readonly #options: ConflatedBacklogOptions;
  readonly #control = new Ring<TickerMessage>();
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
    return this.#control.size + this.#ready.size;
  }

  push(message: TickerMessage): boolean {
    if (message.type !== 'ticks') return this.pushControl(message);
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

  pushControl(message: TickerMessage): boolean {
    const oldest = this.#control.size >= this.#options.capacity ? this.#control.shift() : undefined;
    if (oldest) {
      this.#lostBeforeNext++;
      this.#options.onLost(oldest, 1);
    }
    this.#control.push(message);
    return true;
  }

  lose(weight: number): void {
    this.#lostBeforeNext += weight;
  }

  shift(): TickerMessage | undefined {
    if (this.size === 0) return undefined;
    this.lostBefore = this.#lostBeforeNext;
    this.#lostBeforeNext = 0;
    return this.#control.shift() ?? this.#shiftBatch();
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
    for (const [channelId, batch] of this.#gathering) {
      this.#merge(this.#ready, { channelId, receivedAt: batch.receivedAt }, batch.ticks.values());
      const ready = this.#ready.get(channelId);
      if (ready) ready.replaced += batch.replaced;
    }
    this.#gathering.clear();
  }

  clear(): void {
    this.#stopTimer();
    this.#control.clear();
    this.#gathering.clear();
    this.#ready.clear();
  }

  #shiftBatch(): TicksMessage | undefined {
    const next = this.#ready.entries().next();
    if (next.done) return undefined;
    const [channelId, { ticks, receivedAt, replaced }] = next.value;
    this.#ready.delete(channelId);
    this.lostBefore += replaced;
    return { type: 'ticks', channelId, receivedAt, ticks: [...ticks.values()] };
  }

  #merge(into: Batches, from: { channelId: ChannelId; receivedAt: number }, ticks: Iterable<Tick>): void {
    let batch = into.get(from.channelId);
    if (!batch) into.set(from.channelId, (batch = { ticks: new Map(), receivedAt: 0, replaced: 0 }));
    batch.receivedAt = from.receivedAt;
    let replaced = 0;
    for (const tick of ticks) {
      if (batch.ticks.has(tick.instrumentToken)) replaced++;
      else if (into.size > 1 && takeOver(tick, batch, into)) replaced++;
      batch.ticks.set(tick.instrumentToken, tick);
    }
    if (replaced === 0) return;
    batch.replaced += replaced;
    this.#options.onLost(from, replaced);
  }

  #stopTimer(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
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
    batches.delete(channelId);
    return true;
  }
  return false;
}
