import type { ChannelId, Mode, Tick, TickBatch } from '@kite/manager';

import type { Watched } from '../kit/watch-list.js';
import { type Listing, Listings } from './listings.js';

/** The current data of an instrument; null: unknown, or not part of its mode. */
export interface Row {
  readonly instrumentToken: number;
  readonly symbol: string;
  readonly mode: Mode;
  readonly lastPrice: number | null;
  /** The last direction of the price; 0 once that is old. */
  readonly move: -1 | 0 | 1;
  readonly netChange: number | null;
  readonly changePercent: number | null;
  readonly volume: number | null;
  readonly bid: number | null;
  readonly ask: number | null;
  /** Milliseconds since its last tick was received. */
  readonly ageMs: number | null;
  /** Its connection has not streamed without a break since the last tick, so there may be a newer price. */
  readonly isStale: boolean;
}

/** A part of a listing. */
export interface Page {
  /** The position of the first row in the listing. */
  readonly first: number;
  readonly rows: readonly Row[];
  /** The number of instruments in the listing. */
  readonly total: number;
}

/** The position of a page, moved to fit within the list. */
export interface Place {
  readonly first: number;
  readonly length: number;
}

/** The time of a look at rows, and the connections' state then. */
export interface Look {
  /** Unix milliseconds. */
  readonly now: number;
  /** Since when a connection streams without a break, in Unix milliseconds; undefined while it does not. */
  readonly streamingSince: (channelId: ChannelId) => number | undefined;
}

interface Entry {
  readonly watched: Watched;
  tick?: Tick;
  receivedAt: number;
  channelId: ChannelId;
  move: -1 | 0 | 1;
  movedAt: number;
}

/** How long a price move counts as new. */
const NEWS_MS = 1000;

/** The newest tick of every watched instrument. */
export class PriceBoard {
  readonly #entries: ReadonlyMap<number, Entry>;
  readonly #listings: Listings<Entry>;

  constructor(watched: readonly Watched[]) {
    const order = watched.map((one): Entry => ({
      watched: one,
      receivedAt: 0,
      channelId: 0,
      move: 0,
      movedAt: 0,
    }));
    this.#entries = new Map(order.map((entry) => [entry.watched.instrumentToken, entry]));
    this.#listings = new Listings(order, {
      symbolOf: ({ watched: { symbol } }) => symbol,
      changeOf: ({ tick }) => changeOf(tick),
    });
  }

  take({ ticks, receivedAt, channelId }: Pick<TickBatch, 'ticks' | 'receivedAt' | 'channelId'>): void {
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
      entry.channelId = channelId;
    }
  }

  /** The rows at this position of a listing; the last page if the listing ends sooner. */
  page(listing: Listing, { first, length }: Place, look: Look): Page {
    const entries = this.#listings.get(listing, look.now);
    const start = Math.max(0, Math.min(first, entries.length - length));
    const rows = entries.slice(start, start + length).map((entry) => rowOf(entry, look));
    return { first: start, rows, total: entries.length };
  }
}

function rowOf({ watched, tick, receivedAt, channelId, move, movedAt }: Entry, look: Look): Row {
  const { now, streamingSince } = look;
  const since = streamingSince(channelId);
  const depth = tick !== undefined && 'depth' in tick ? tick.depth : undefined;
  return {
    ...watched,
    lastPrice: tick?.lastPrice ?? null,
    move: now - movedAt < NEWS_MS ? move : 0,
    netChange: tick !== undefined && tick.mode !== 'ltp' ? tick.netChange : null,
    changePercent: changeOf(tick),
    volume: tick !== undefined && 'volumeTraded' in tick ? tick.volumeTraded : null,
    bid: bestPrice(depth?.buy),
    ask: bestPrice(depth?.sell),
    ageMs: tick ? Math.max(0, now - receivedAt) : null,
    isStale: tick !== undefined && (since === undefined || receivedAt < since),
  };
}

function changeOf(tick: Tick | undefined): number | null {
  return tick === undefined || tick.mode === 'ltp' ? null : tick.changePercent;
}

/** An empty level of the book has no quantity, and its price means nothing. */
function bestPrice(levels: readonly { quantity: number; price: number }[] | undefined): number | null {
  const best = levels?.[0];
  return best && best.quantity > 0 ? best.price : null;
}
