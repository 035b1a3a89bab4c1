import { checkOptions, type OptionRule, optionRules, refusedOption, withMethods } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

import type { Candle } from './bar.js';
import { type BarInterval, type Measure, measureOf } from './interval.js';
import type { BarCalendar } from './trading-day.js';

/**
 * Fetches history: an instrument's candles from one time up to another (Unix milliseconds, exclusive). They may be as
 * long as the bars or shorter; a minute always fits.
 */
export type Repair = (instrumentToken: number, from: number, to: number) => Promise<readonly Candle[]>;

/** How bars are built. */
export interface BarOptions {
  /** When a bar ends. */
  interval: BarInterval;
  /** Gives the open and end of sessions. Default: a plain `MarketCalendar`. */
  calendar?: BarCalendar | undefined;
  /** How long after its end a time bar waits for late ticks, in milliseconds. Default 2000. */
  closeAfterMs?: number | undefined;
  /** Whether intervals without a trade get a bar at the last price, after the day's first trade. Default false. */
  fill?: boolean | undefined;
  /**
   * Called once for each closed bar with a gap, at most 3 times a second; the repaired bar then comes again. For time
   * bars of whole minutes. Default: none.
   */
  repair?: Repair | undefined;
}

/** The options with their defaults; the builder makes the default calendar. */
export interface ResolvedOptions {
  readonly interval: BarInterval;
  readonly measure: Measure;
  readonly calendar: BarCalendar | undefined;
  readonly closeAfterMs: number;
  readonly fill: boolean;
  readonly repair: Repair | undefined;
}

const CODE = 'KITE_BARS_INVALID_OPTION';
const MINUTE_MS = 60_000;

/** The default of `closeAfterMs`. */
export const CLOSE_AFTER_MS = 2000;

const RULES = {
  interval: { allowed: 'an interval', accepts: () => true },
  calendar: withMethods('sessionOf'),
  closeAfterMs: {
    allowed: 'a finite number of milliseconds, 0 or more',
    accepts: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0,
  },
  fill: optionRules.boolean,
  repair: optionRules.function,
} satisfies Record<keyof BarOptions, OptionRule>;

const MINUTES: OptionRule = { allowed: 'bars by time, of whole minutes', accepts: () => false };
const BY_TIME: OptionRule = { allowed: 'false, unless bars are by time', accepts: () => false };

/** @throws KiteInputError for an option that is refused */
export function resolveOptions(options: BarOptions): ResolvedOptions {
  checkOptions(KiteInputError, CODE, options, RULES);
  const { interval, calendar, closeAfterMs = CLOSE_AFTER_MS, fill = false, repair } = options;
  const measure = measureOf(interval);
  const isTime = measure.kind === 'time';
  if (fill && !isTime) throw refusedOption(KiteInputError, CODE, 'fill', fill, BY_TIME);
  const isMinutes = isTime && (measure.amount === Infinity || measure.amount % MINUTE_MS === 0);
  if (repair && !isMinutes) throw refusedOption(KiteInputError, CODE, 'repair', interval, MINUTES);
  return { interval, measure, calendar, closeAfterMs, fill, repair };
}
