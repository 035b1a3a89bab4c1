import { MarketCalendar } from '@kite/calendar';
import { describeValue } from '@kite/kit';
import { KiteInputError } from '@kite/protocol';

import type { Bar } from './bar.js';
import { type BarInterval, measureOf } from './interval.js';
import { type BarCalendar, Exchanges, startOf } from './trading-day.js';

/**
 * Makes coarser bars from finer ones: hours from minutes. The highest revision of each finer bar counts. A coarse bar
 * is `closed` when all of its bars are, `partial` or with a `gap` when one is; its `revision` is the sum of theirs.
 *
 * @param bars time bars of any instruments, in any order
 * @param interval by time, a multiple of the bars' own
 * @param options the calendar that the bars were built with; default: a plain `MarketCalendar`
 * @returns sorted by instrument and start
 * @throws KiteInputError `KITE_BARS_INVALID_OPTION` for an invalid interval, or one by ticks or volume;
 * `KITE_BARS_INVALID_RESAMPLE` for a bar that crosses an edge of the coarser ones
 */
export function resample(
  bars: Iterable<Bar>,
  interval: BarInterval,
  options: { calendar?: BarCalendar | undefined } = {},
): Bar[] {
  const { kind, amount } = measureOf(interval);
  if (kind !== 'time')
    throw new KiteInputError('KITE_BARS_INVALID_OPTION', {
      field: 'interval',
      value: interval,
      allowed: 'an interval by time',
    });
  const exchanges = new Exchanges(options.calendar ?? new MarketCalendar());
  const coarse: Bar[] = [];
  for (const bar of newest(bars)) {
    const day = exchanges.daysOf(bar.instrumentToken).at(bar.start);
    const start = startOf(day, bar.start, amount);
    const end = Math.min(start + amount, Math.max(day.end, bar.end));
    if (bar.end > end) throw acrossEdge(bar, interval);
    const last = coarse.at(-1);
    if (last?.instrumentToken === bar.instrumentToken && last.start === start) add(last, bar);
    else coarse.push({ ...bar, interval, start, end });
  }
  return coarse;
}

/** The highest revision of each bar, by instrument and start. */
function newest(bars: Iterable<Bar>): Bar[] {
  const byToken = new Map<number, Map<number, Bar>>();
  for (const bar of bars) {
    let starts = byToken.get(bar.instrumentToken);
    if (!starts) byToken.set(bar.instrumentToken, (starts = new Map<number, Bar>()));
    const known = starts.get(bar.start);
    if (!known || bar.revision >= known.revision) starts.set(bar.start, bar);
  }
  return [...byToken.values()].flatMap((starts) => [...starts.values()].sort((a, b) => a.start - b.start));
}

function add(coarse: Bar, bar: Bar): void {
  coarse.high = Math.max(coarse.high, bar.high);
  coarse.low = Math.min(coarse.low, bar.low);
  coarse.close = bar.close;
  coarse.vwap = meanPrice(coarse, bar);
  coarse.volume += bar.volume;
  coarse.oi = bar.oi;
  coarse.tickCount += bar.tickCount;
  if (bar.state === 'forming') coarse.state = 'forming';
  coarse.partial ||= bar.partial;
  coarse.gap ||= bar.gap;
  coarse.revision += bar.revision;
  if (coarse.source !== bar.source)
    coarse.source = [coarse.source, bar.source].includes('arrival') ? 'arrival' : 'exchange';
}

function meanPrice(one: Bar, other: Bar): number | null {
  // A bar from history has volume and no mean price.
  if ((one.vwap === null && one.volume > 0) || (other.vwap === null && other.volume > 0)) return null;
  const volume = one.volume + other.volume;
  return volume === 0 ? null : ((one.vwap ?? 0) * one.volume + (other.vwap ?? 0) * other.volume) / volume;
}

function acrossEdge(bar: Bar, interval: BarInterval): KiteInputError {
  return new KiteInputError('KITE_BARS_INVALID_RESAMPLE', {
    field: 'bars',
    value: bar,
    allowed: `bars that lie within one bar of ${describeValue(interval)}`,
  });
}
