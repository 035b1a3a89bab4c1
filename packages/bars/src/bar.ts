import type { BarInterval } from './interval.js';

/** What was traded in an interval. Plain and JSON-safe. */
export interface Bar {
  /** As in Kite's instruments list. */
  instrumentToken: number;
  /** As it was asked for. */
  interval: BarInterval;
  /** Unix milliseconds, inclusive: the label of a time bar. Of bars by ticks or volume, the time of the first trade. */
  start: number;
  /** Unix milliseconds, exclusive, at most the session's end. Of bars by ticks or volume, the time of the last trade. */
  end: number;
  /** In rupees, as the four others. */
  open: number;
  /** The highest price, also one that only the day's high of a packet told. */
  high: number;
  /** The lowest price, also one that only the day's low of a packet told. */
  low: number;
  /** The last price. */
  close: number;
  /** Units traded; 0 where ticks carry no volume (ltp, indices). */
  volume: number;
  /** The last open interest, in units; null where ticks carry none. */
  oi: number | null;
  /** Volume-weighted: each step of the volume at the price that the feed then showed. Null without volume. */
  vwap: number | null;
  /** Trades as the feed shows them, several at the exchange in one tick. */
  tickCount: number;
  /** A forming bar goes on. A closed one may come again with a higher revision. */
  state: 'forming' | 'closed';
  /** The feed came to this instrument after the bar's start. */
  partial: boolean;
  /** Ticks were lost during it: an outage, or a reader that was too slow. */
  gap: boolean;
  /** 0, then one more each time that a late tick, a gap or a repair changes the closed bar. */
  revision: number;
  /** The times are the exchange's, or those of arrival (ltp and quote ticks carry none); or the bar was repaired from history. */
  source: 'exchange' | 'arrival' | 'historical';
}

/** A candle of historical data. */
export interface Candle {
  /** When it starts, Unix milliseconds. */
  start: number;
  /** The first price, in rupees. */
  open: number;
  /** The highest price. */
  high: number;
  /** The lowest price. */
  low: number;
  /** The last price. */
  close: number;
  /** Units traded. */
  volume: number;
  /** Open interest, in units. */
  oi?: number | null | undefined;
}
