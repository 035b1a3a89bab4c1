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
export const TOLD_WITHIN_MS = 10_000;
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
    const concerned = new Set(gap.instrumentTokens ?? this.#plan.tokens);
    this.#open = this.#open.filter(({ token, step }) => !concerned.has(token) || !this.#isIn(gap, step));
  }

  /** Counts the missing steps that no gap will tell any more. */
  settle(at: number): void {
    // They are in the order in which they were found.
    const left = this.#open.findIndex(({ foundAt }) => at - foundAt <= TOLD_WITHIN_MS);
    this.seen.unexplained += this.#open.splice(0, left < 0 ? this.#open.length : left).length;
  }

  /** Missing steps that may still be told. */
  get open(): number {
    return this.#open.length;
  }

  /** Counts a missing step if the gap covers it. */
  #isIn({ from, to, reason }: Gap, step: number): boolean {
    const at = timeOf(this.#plan, step);
    if (at < from - CLOCKS_MS || at > to + CLOCKS_MS) return false;
    this.seen.inGaps++;
    this.seen.byReason[reason] = (this.seen.byReason[reason] ?? 0) + 1;
    return true;
  }

  #tick(token: number, step: number): void {
    this.seen.ticks++;
    const last = this.#last.get(token);
    this.#last.set(token, step);
    if (last === undefined) return;
    if (step <= last) this.#breach(`${token} shows step ${step} after step ${last}`);
    for (let missing = last + 1; missing < step; missing++)
      if (!this.#gaps.get(token)?.some((gap) => this.#isIn(gap, missing)))
        this.#open.push({ token, step: missing, foundAt: this.#now });
  }

  #order(id: string): void {
    this.seen.orders++;
    if (this.#orders.has(id)) this.#breach(`the order ${id} came twice`);
    this.#orders.add(id);
  }

  #breach(what: string): void {
    if (this.seen.breaches.length < MOST_BREACHES) this.seen.breaches.push(what);
  }

  /** Orders that came, in order. */
  get orders(): readonly string[] {
    return [...this.#orders];
  }

  /** When the last step of its stalest instrument was, Unix milliseconds; undefined: one has shown nothing yet. */
  shownUntil(tokens: readonly number[]): number | undefined {
    const steps = tokens.map((token) => this.#last.get(token) ?? -1);
    const oldest = steps.reduce((least, step) => Math.min(least, step), Infinity);
    return oldest < 0 ? undefined : timeOf(this.#plan, oldest);
  }
}
