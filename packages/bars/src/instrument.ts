import type { Draft } from './draft.js';
import type { TradingDays } from './trading-day.js';

/** What is known of one instrument: its last state, and a few of its bars. */
export class Instrument {
  /** No tick yet. */
  isNew = true;
  /** The day of the last state: its midnight. */
  dayFrom = -Infinity;
  /** Cumulative, of the day. */
  volume = 0;
  /** False where ticks carry no volume. */
  hasVolume = false;
  lastTradeTime = 0;
  price = NaN;
  /** The day's extremes, by the last packet; a higher high is news. */
  dayHigh = Infinity;
  dayLow = -Infinity;
  /** The time of the last state. */
  lastTime = -Infinity;
  /** Bars that begin before it were not seen whole. */
  completeFrom = Infinity;
  /** The connection that it came over, as an index. */
  source = 0;
  /** An outage began then; its end; whether no tick has come since. */
  gapFrom = 0;
  gapTo = -Infinity;
  isAfterGap = false;

  /** Bars that ended and wait for late ticks, the oldest first. */
  readonly ended: Draft[] = [];
  /** The bar that goes on. */
  forming: Draft | null = null;
  /** The last bar that was closed: a late tick can still revise it. */
  closed: Draft | null = null;
  /** The last closed bar that has a trade; those after it are filled in. */
  traded: Draft | null = null;

  constructor(
    readonly token: number,
    readonly days: TradingDays,
  ) {}
}
