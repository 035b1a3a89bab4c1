import type { Segment } from './segment.js';

/** Open, high and low of the day and the previous close, in rupees. */
export interface Ohlc {
  /** The day's first price. */
  open: number;
  /** The day's highest price. */
  high: number;
  /** The day's lowest price. */
  low: number;
  /** The previous session's close. */
  close: number;
}

/** One level of market depth. */
export interface DepthLevel {
  /** Units on offer at this price. */
  quantity: number;
  /** In rupees; 0 if the level is empty. */
  price: number;
  /** Open orders that make up the quantity. */
  orders: number;
}

/** Five levels, the best first. */
export type DepthLevels = [DepthLevel, DepthLevel, DepthLevel, DepthLevel, DepthLevel];

/** Market depth: the five best bids and the five best offers. */
export interface Depth {
  /** Bids, the highest first. */
  buy: DepthLevels;
  /** Offers, the lowest first. */
  sell: DepthLevels;
}

interface TickHead {
  /** As in Kite's instruments list; unsigned. */
  instrumentToken: number;
  /** The low byte of the token; see {@link segmentName}. */
  segment: Segment;
  /** In rupees. */
  lastPrice: number;
}

/** 8 bytes on the wire: only the last traded price. Carries no timestamp. */
export interface LtpTick extends TickHead {
  mode: 'ltp';
  /** False for indices, by segment. */
  tradable: boolean;
}

interface QuoteFields extends TickHead {
  tradable: true;
  /** Units of the last trade. */
  lastTradedQuantity: number;
  /** In rupees, volume-weighted over the day. */
  averageTradedPrice: number;
  /** Units traded today. */
  volumeTraded: number;
  /** Units of all open buy orders. */
  totalBuyQuantity: number;
  /** Units of all open sell orders. */
  totalSellQuantity: number;
  /** The day's prices and the previous close. */
  ohlc: Ohlc;
  /** Last price minus close, in rupees; null if close is 0. */
  netChange: number | null;
  /** (lastPrice − close) × 100 / close; null if close is 0. */
  changePercent: number | null;
}

/** 44 bytes on the wire. Carries no timestamp. */
export interface QuoteTick extends QuoteFields {
  mode: 'quote';
}

/** 184 bytes on the wire: the quote with open interest, timestamps and market depth. */
export interface FullTick extends QuoteFields {
  mode: 'full';
  /** Unix milliseconds; null when the wire says 0. */
  lastTradeTime: number | null;
  /** Open interest, in units. */
  oi: number;
  /** The day's highest open interest, in units. */
  oiDayHigh: number;
  /** The day's lowest open interest, in units. */
  oiDayLow: number;
  /** Unix milliseconds; null when the wire says 0. Only this shows the age of the cached tick after a subscribe. */
  exchangeTimestamp: number | null;
  /** Five levels a side, the best first. */
  depth: Depth;
}

interface IndexFields extends TickHead {
  tradable: false;
  /** The day's prices and the previous close. */
  ohlc: Ohlc;
  /** The wire's own price change, in rupees. */
  netChange: number;
  /** (lastPrice − close) × 100 / close; null if close is 0. */
  changePercent: number | null;
}

/** An index in quote mode, 28 bytes on the wire. */
export interface IndexQuoteTick extends IndexFields {
  mode: 'quote';
}

/** An index in full mode, 32 bytes on the wire. */
export interface IndexFullTick extends IndexFields {
  mode: 'full';
  /** Unix milliseconds; null when the wire says 0. */
  exchangeTimestamp: number | null;
}

/**
 * One decoded packet, a plain object. `mode` and `tradable` distinguish the five kinds. In quote and full they follow
 * the packet's length, never the segment, so that TypeScript's narrowing is sound.
 */
export type Tick = LtpTick | QuoteTick | FullTick | IndexQuoteTick | IndexFullTick;
