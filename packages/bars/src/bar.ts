import type { BarInterval } from './interval.js';

/** The trading of an interval. Plain and JSON-safe. */
export interface Bar {
  /** As in Kite's instruments list. */
  instrumentToken: number;
  /** As in the options. */
  interval: BarInterval;
  /** Unix milliseconds, inclusive: the label of a time bar. For bars by ticks or volume: the first trade's time. */
  start: number;
  /** Unix milliseconds, exclusive, at most the session's end. For bars by ticks or volume: the last trade's time. */
  end: number;
  /** The first price, in rupees like the other prices. */
  open: number;
  /** The highest price, even if only a packet's day high shows it. */
  high: number;
  /** The lowest price, even if only a packet's day low shows it. */
  low: number;
  /** The last price. */
  close: number;
  /** Units traded; 0 if ticks carry no volume (ltp, indices). */
  volume: number;
  /** The last open interest, in units; null if ticks carry none. */
  oi: number | null;
  /** Volume-weighted: each step of the volume at the price then shown by the feed. Null without volume. */
  vwap: number | null;
  /** Trades as the feed shows them; one tick may hold several trades of the exchange. */
  tickCount: number;
  /** A forming bar is not finished. A closed one may come again with a higher revision. */
  state: 'forming' | 'closed';
  /** The instrument's ticks began after the bar's start. */
  partial: boolean;
  /** Ticks were lost during it: in an outage, or because a reader was too slow. */
  gap: boolean;
  /** 0, plus one each time a late tick, a gap or a repair changes the closed bar. */
  revision: number;
  /** Times are the exchange's, or of arrival (ltp and quote ticks carry none); or the bar was repaired from history. */
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
