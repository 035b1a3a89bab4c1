import type { Gap, TickerMessage } from '@kite/protocol';

import { type MarketPlan, timeOf } from './market.js';

/** What a program has seen so far. */
export interface Seen {
  ticks: number;
  gaps: number;
  /** Steps that lie in a reported gap, of all instruments. */
  inGaps: number;
  /** Ticks that its channel dropped because it was slow, as it was told. */
  dropped: number;
  /** Steps that are in no gap. They must be among the dropped. */
  unexplained: number;
  orders: number;
  /** Repeats, ticks out of order and orders that came twice: the first 20. */
  breaches: string[];
}

/** The end of a gap may be told by another clock than its ticks. */
const CLOCKS_MS = 2;
const MOST_GAPS = 200;
const MOST_BREACHES = 20;

/** Judges what one program is handed: each step of an instrument once and in order, or in a gap that was told before. */
export class Ledger {
  readonly seen: Seen = {
    ...{ ticks: 0, gaps: 0, inGaps: 0, dropped: 0, unexplained: 0, orders: 0 },
    breaches: [],
  };
  readonly #plan: MarketPlan;
  readonly #last = new Map<number, number>();
  readonly #gaps = new Map<number, Gap[]>();
  readonly #orders = new Set<string>();

  constructor(plan: MarketPlan) {
    this.#plan = plan;
  }

  take(message: TickerMessage): void {
    if (message.type === 'gap') this.#gap(message);
    else if (message.type === 'lagged') this.seen.dropped += message.dropped;
    else if (message.type === 'order') this.#order(message.order.order_id);
    else if (message.type === 'ticks')
      for (const { instrumentToken, lastPrice } of message.ticks) this.#tick(instrumentToken, lastPrice);
  }

  #gap(gap: Gap): void {
    this.seen.gaps++;
    for (const token of gap.instrumentTokens ?? this.#plan.tokens) {
      const known = this.#gaps.get(token) ?? [];
      known.push(gap);
      if (known.length > MOST_GAPS) known.shift();
      this.#gaps.set(token, known);
    }
  }

  #tick(token: number, step: number): void {
    this.seen.ticks++;
    const last = this.#last.get(token);
    this.#last.set(token, step);
    if (last === undefined) return;
    if (step <= last) this.#breach(`${token} shows step ${step} after step ${last}`);
    for (let missing = last + 1; missing < step; missing++) {
      const at = timeOf(this.#plan, missing);
      const isTold = this.#gaps
        .get(token)
        ?.some(({ from, to }) => from - CLOCKS_MS <= at && at <= to + CLOCKS_MS);
      if (isTold === true) this.seen.inGaps++;
      else this.seen.unexplained++;
    }
  }

  #order(id: string): void {
    this.seen.orders++;
    if (this.#orders.has(id)) this.#breach(`the order ${id} came twice`);
    this.#orders.add(id);
  }

  #breach(what: string): void {
    if (this.seen.breaches.length < MOST_BREACHES) this.seen.breaches.push(what);
  }

  /** Orders that came. */
  get orders(): ReadonlySet<string> {
    return this.#orders;
  }
}
