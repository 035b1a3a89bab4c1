import type { Mode, Tick, TickBatch } from '@kite/manager';

import type { Watched } from '../feed/watch-list.js';

/** What is known of an instrument now; null: unknown, or not part of its mode. */
export interface Row {
  readonly instrumentToken: number;
  readonly symbol: string;
  readonly mode: Mode;
  readonly lastPrice: number | null;
  /** Which way the price went last; 0 once that is old news. */
  readonly move: -1 | 0 | 1;
  readonly netChange: number | null;
  readonly changePercent: number | null;
  readonly volume: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
  /** Milliseconds since its last tick was received. */
  readonly ageMs: number | null;
}

interface Entry {
  readonly watched: Watched;
  tick?: Tick;
  receivedAt: number;
  move: -1 | 0 | 1;
  movedAt: number;
}

/** For so long a move of the price is news. */
const NEWS_MS = 1000;

/** The newest tick of every watched instrument, in an order that never changes. */
export class PriceBoard {
  readonly #order: readonly Entry[];
  readonly #entries: ReadonlyMap<number, Entry>;

  constructor(watched: readonly Watched[]) {
    this.#order = watched.map((one) => ({ watched: one, receivedAt: 0, move: 0, movedAt: 0 }));
    this.#entries = new Map(this.#order.map((entry) => [entry.watched.instrumentToken, entry]));
  }

  get size(): number {
    return this.#order.length;
  }

  take({ ticks, receivedAt }: Pick<TickBatch, 'ticks' | 'receivedAt'>): void {
    for (const tick of ticks) {
      const entry = this.#entries.get(tick.instrumentToken);
      if (!entry) continue;
      const move = entry.tick ? Math.sign(tick.lastPrice - entry.tick.lastPrice) : 0;
      if (move !== 0) {
        entry.move = move as -1 | 1;
        entry.movedAt = receivedAt;
      }
      entry.tick = tick;
      entry.receivedAt = receivedAt;
    }
  }

  /** `length` instruments from this place of the list on, as they are at `now` (Unix milliseconds). */
  rows(start: number, length: number, now: number): Row[] {
    return this.#order.slice(start, start + length).map((entry) => rowOf(entry, now));
  }
}

function rowOf({ watched, tick, receivedAt, move, movedAt }: Entry, now: number): Row {
  const hasQuote = tick !== undefined && tick.mode !== 'ltp';
  const depth = tick !== undefined && 'depth' in tick ? tick.depth : undefined;
  return {
    ...watched,
    lastPrice: tick?.lastPrice ?? null,
    move: now - movedAt < NEWS_MS ? move : 0,
    netChange: hasQuote ? tick.netChange : null,
    changePercent: hasQuote ? tick.changePercent : null,
    volume: tick !== undefined && 'volumeTraded' in tick ? tick.volumeTraded : null,
    bid: bestPrice(depth?.buy),
    ask: bestPrice(depth?.sell),
    ageMs: tick ? Math.max(0, now - receivedAt) : null,
  };
}

/** An empty level of the book has no quantity, and a price that means nothing. */
function bestPrice(levels: readonly { quantity: number; price: number }[] | undefined): number | null {
  const best = levels?.[0];
  return best && best.quantity > 0 ? best.price : null;
}
