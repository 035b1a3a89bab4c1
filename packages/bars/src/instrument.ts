import type { Draft } from './draft.js';
import type { TradingDays } from './trading-day.js';

/** One instrument: its last state and a few of its bars. */
export class Instrument {
  /** No tick yet. */
  isNew = true;
  /** Midnight of the last state's day. */
  dayFrom = -Infinity;
  /** Cumulative over the day. */
  volume = 0;
  /** False if ticks carry no volume. */
  hasVolume = false;
  lastTradeTime = 0;
  price = NaN;
  /** The day's extremes in the last packet; a higher high is news. */
  dayHigh = Infinity;
  dayLow = -Infinity;
  /** The time of the last state. */
  lastTime = -Infinity;
  /** Bars that begin before this were not seen whole. */
  completeFrom = Infinity;
  /** The index of its connection. */
  source = 0;
  /** The start of an outage; its end; whether no tick has come since. */
  gapFrom = 0;
  gapTo = -Infinity;
  isAfterGap = false;

  /** Ended bars that wait for late ticks, the oldest first. */
  readonly ended: Draft[] = [];
  /** The unfinished bar. */
  forming: Draft | null = null;
  /** The last closed bar: a late tick can still revise it. */
  closed: Draft | null = null;
  /** The last closed bar with a trade; those after it are filled in. */
  traded: Draft | null = null;

  constructor(
    readonly token: number,
    readonly days: TradingDays,
  ) {}
}
