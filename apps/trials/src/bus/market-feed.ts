import { type Feed, systemClock } from '@kite/connection';
import { encodeFrame, type EventName, type EventOf } from '@kite/protocol';

import { type MarketPlan, stepAt, timeOf } from './market.js';

const LOOK_EVERY_MS = 10;
const TICKS_A_FRAME = 100;

/** The market of a plan as a feed: what a collector would have of Kite. */
export class MarketFeed {
  readonly clock = systemClock;
  readonly #plan: MarketPlan;
  readonly #listeners = new Map<EventName, Set<(event: never) => unknown>>();
  readonly #timer: ReturnType<typeof setInterval>;
  #next: number;

  constructor(plan: MarketPlan) {
    this.#plan = plan;
    this.#next = stepAt(plan, systemClock.now()) + 1;
    this.#timer = setInterval(() => this.#run(), LOOK_EVERY_MS);
  }

  get asFeed(): Feed {
    return this as unknown as Feed;
  }

  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #run(): void {
    for (const now = stepAt(this.#plan, systemClock.now()); this.#next <= now; this.#next++)
      this.#step(this.#next);
  }

  #step(step: number): void {
    const { tokens, orderEvery } = this.#plan;
    const receivedAt = timeOf(this.#plan, step);
    for (let from = 0; from < tokens.length; from += TICKS_A_FRAME) {
      const ticks = tokens.slice(from, from + TICKS_A_FRAME).map((instrumentToken) => ({
        ...{ mode: 'ltp' as const, instrumentToken, segment: instrumentToken & 0xff, tradable: true },
        lastPrice: step,
      }));
      this.#emit('frame', { bytes: encodeFrame(ticks), dropped: 0, channelId: 0, receivedAt });
    }
    if (step % orderEvery !== 0) return;
    const order = { order_id: String(step), status: 'COMPLETE' };
    this.#emit('order', { type: 'order', order, channelId: 0, receivedAt });
  }

  #emit<Type extends EventName>(type: Type, event: EventOf<Type>): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}
