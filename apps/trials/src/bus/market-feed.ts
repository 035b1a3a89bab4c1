import { type Feed, systemClock } from '@kite/connection';
import { Listeners } from '@kite/kit';
import type { DemandManager, DemandShare } from '@kite/nats';
import { encodeFrame, type EventName, type EventOf, type Mode } from '@kite/protocol';

import { type MarketPlan, stepAt, timeOf } from './market.js';

type FeedEvents = { [Type in EventName]: EventOf<Type> };

const LOOK_EVERY_MS = 10;
const TICKS_A_FRAME = 100;

/** The market of a plan as a feed: what a collector would have of Kite, of the instruments that programs want. */
export class MarketFeed implements DemandManager {
  readonly clock = systemClock;
  /** Orders that somebody has heard of. */
  readonly orderIds: string[] = [];
  readonly #plan: MarketPlan;
  readonly #listeners = new Listeners<FeedEvents>((cause) => {
    throw cause;
  });
  readonly #shares = new Map<string, ReadonlyMap<number, Mode>>();
  #next: number;

  constructor(plan: MarketPlan) {
    this.#plan = plan;
    this.#next = stepAt(plan, systemClock.now()) + 1;
    setInterval(() => this.#run(), LOOK_EVERY_MS);
  }

  get asFeed(): Feed {
    return this as unknown as Feed;
  }

  /** What programs want. */
  get tokens(): ReadonlySet<number> {
    return new Set([...this.#shares.values()].flatMap((share) => [...share.keys()]));
  }

  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void {
    return this.#listeners.on(type, listener);
  }

  subscriber({ name = '' }: { name?: string | undefined } = {}): DemandShare {
    return {
      replaceSymbols: (modes) => {
        this.#shares.set(name, new Map(modes));
        return Promise.resolve();
      },
      close: () => {
        this.#shares.delete(name);
        return Promise.resolve();
      },
    };
  }

  #run(): void {
    for (const now = stepAt(this.#plan, systemClock.now()); this.#next <= now; this.#next++)
      this.#step(this.#next);
  }

  #step(step: number): void {
    const receivedAt = timeOf(this.#plan, step);
    const tokens = [...this.tokens];
    for (let from = 0; from < tokens.length; from += TICKS_A_FRAME) {
      const ticks = tokens.slice(from, from + TICKS_A_FRAME).map((instrumentToken) => ({
        ...{ mode: 'ltp' as const, instrumentToken, segment: instrumentToken & 0xff, tradable: true },
        lastPrice: step,
      }));
      this.#emit('frame', { bytes: encodeFrame(ticks), dropped: 0, channelId: 0, receivedAt });
    }
    if (step % this.#plan.orderEvery !== 0 || !this.#listeners.has('order')) return;
    const order = { order_id: String(step), status: 'COMPLETE' };
    this.orderIds.push(order.order_id);
    this.#emit('order', { type: 'order', order, channelId: 0, receivedAt });
  }

  #emit<Type extends EventName>(type: Type, event: EventOf<Type>): void {
    this.#listeners.emit(type, event as FeedEvents[Type]);
  }
}
