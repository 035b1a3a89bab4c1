import type { Gap, TickerMessage } from '@kite/protocol';

import { type MarketPlan, timeOf } from './market.js';

/** What a program has seen so far. */
export interface Seen {
  ticks: number;
  gaps: number;
  /** Steps that lie in a reported gap, of all instruments. */
  inGaps: number;
  /** The same, by the reason of the first gap that covers the step. */
  byReason: Record<string, number>;
  /** Ticks that its channel dropped because it was slow, as it was told. */
  dropped: number;
  /** Steps that are in no gap, though {@link TOLD_WITHIN_MS} have passed. They must be among the dropped. */
  unexplained: number;
  orders: number;
  /** Repeats, ticks out of order and orders that came twice: the first 20. */
  breaches: string[];
}

/** The end of a gap may be told by another clock than its ticks. */
const CLOCKS_MS = 2;
/** With two collectors, what both have missed may turn out later: when one of them is heard no more. */
const TOLD_WITHIN_MS = 10_000;
const MOST_GAPS = 2000;
const MOST_BREACHES = 20;

/** Judges what one program is handed: each step of an instrument once and in order, or in a gap that is told, 10 s later at most. */
export class Ledger {
  readonly seen: Seen = {
    ...{ ticks: 0, gaps: 0, inGaps: 0, dropped: 0, unexplained: 0, orders: 0 },
    byReason: {},
    breaches: [],
  };
  readonly #plan: MarketPlan;
  readonly #last = new Map<number, number>();
  readonly #gaps = new Map<number, Gap[]>();
  readonly #orders = new Set<string>();
  #now = 0;
  /** Steps that are in no gap yet, in the order in which they were found to be missing. */
  #open: { token: number; step: number; foundAt: number }[] = [];

  constructor(plan: MarketPlan) {
    this.#plan = plan;
  }

  /** @param at the time by any clock */
  take(message: TickerMessage, at: number): void {
    this.#now = at;
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

  /** Of the missing steps, counts those that a gap has covered by now, and those that have waited too long for one. */
  settle(at: number): void {
    this.#open = this.#open.filter(({ token, step, foundAt }) => {
      if (this.#isTold(token, step)) return false;
      if (at - foundAt > TOLD_WITHIN_MS) this.seen.unexplained++;
      else return true;
      return false;
    });
  }

  /** Counts a missing step if a reported gap covers it. */
  #isTold(token: number, step: number): boolean {
    const at = timeOf(this.#plan, step);
    const gap = this.#gaps.get(token)?.find(({ from, to }) => from - CLOCKS_MS <= at && at <= to + CLOCKS_MS);
    if (!gap) return false;
    this.seen.inGaps++;
    this.seen.byReason[gap.reason] = (this.seen.byReason[gap.reason] ?? 0) + 1;
    return true;
  }

  #tick(token: number, step: number): void {
    this.seen.ticks++;
    const last = this.#last.get(token);
    this.#last.set(token, step);
    if (last === undefined) return;
    if (step <= last) this.#breach(`${token} shows step ${step} after step ${last}`);
    for (let missing = last + 1; missing < step; missing++)
      if (!this.#isTold(token, missing)) this.#open.push({ token, step: missing, foundAt: this.#now });
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
