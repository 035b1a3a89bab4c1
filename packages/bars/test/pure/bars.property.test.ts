import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bar, BarBuilder, resample } from '@kite/bars';
import type { FullTick } from '@kite/protocol';

import { slowBars } from '../support/reference.js';
import { at, full, TOKEN } from '../support/ticks.js';

const MINUTE = 60_000;

/** A morning of a stock: steps of time, price and volume; many of them change nothing but the depth. */
const mornings = fc
  .array(
    fc.record({
      seconds: fc.integer({ min: 0, max: 90 }),
      move: fc.integer({ min: -50, max: 50 }),
      hidden: fc.integer({ min: -80, max: 80 }),
      volume: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 }), fc.constant(2 ** 30)),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let [time, price, volume, high, low] = [at('09:14'), 10_000, 0, 10_000, 10_000];
    const ticks: FullTick[] = [
      full('09:14', 100, 0, { ohlc: { open: 100, high: 100, low: 100, close: 100 } }),
    ];
    for (const step of steps) {
      time += step.seconds * 1000;
      // The day's volume fits in 32 bits here; that it may not is a test of its own.
      if (step.volume > 0 && volume + step.volume < 2 ** 32) {
        volume += step.volume;
        price += step.move;
        high = Math.max(high, price, price + step.hidden);
        low = Math.min(low, price, price + step.hidden);
      }
      const ohlc = { open: 100, high: high / 100, low: low / 100, close: 100 };
      ticks.push(full('09:14', price / 100, volume, { exchangeTimestamp: time, ohlc }));
    }
    return ticks;
  })
  .filter((ticks) =>
    ticks.every(
      (tick, i) =>
        i === 0 || tick.volumeTraded === ticks[i - 1]!.volumeTraded || tick.exchangeTimestamp! >= at('09:15'),
    ),
  );

/** Pushes ticks one by one while a clock runs with them, `lagMs` behind them at most, and keeps the newest revision of each bar. */
function live(ticks: readonly FullTick[], builder: BarBuilder, lags: readonly number[]): Bar[] {
  const bars = new Map<number, Bar>();
  const keep = (list: Bar[]) => {
    for (const bar of list) {
      const known = bars.get(bar.start);
      expect(bar.revision).toBe(known ? known.revision + 1 : 0);
      bars.set(bar.start, bar);
    }
  };
  let now = 0;
  for (const [i, tick] of ticks.entries()) {
    now = Math.max(now, tick.exchangeTimestamp! + lags[i % lags.length]!);
    keep(builder.poll(now));
    keep(builder.push([tick]));
  }
  keep(builder.poll(Infinity));
  return [...bars.values()].sort((a, b) => a.start - b.start);
}

const lengths = fc.constantFrom(5000, 30_000, MINUTE, 5 * MINUTE, 15 * MINUTE);

test('bars are those of a slow reference over all ticks', () => {
  fc.assert(
    fc.property(mornings, lengths, (ticks, ms) => {
      const builder = new BarBuilder({ interval: { ms } });
      const bars = [...builder.push(ticks), ...builder.poll(Infinity)];
      expect(bars).toMatchObject(slowBars(ticks, ms));
      expect(bars.every(({ partial, gap, state }) => !partial && !gap && state === 'closed')).toBe(true);
    }),
  );
});

test('bars built live, while a clock runs, are those of the same ticks afterwards', () => {
  const lags = fc.array(fc.integer({ min: 0, max: 1900 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(mornings, lengths, lags, (ticks, ms, late) => {
      const afterwards = new BarBuilder({ interval: { ms } });
      const bars = [...afterwards.push(ticks), ...afterwards.poll(Infinity)];
      const builder = new BarBuilder({ interval: { ms } });
      const differ = ({ revision, ...bar }: Bar) => ({ ...bar, revision: revision * 0 });
      expect(live(ticks, builder, late).map(differ)).toEqual(bars);
      expect(builder.getStats().lateTicks).toBe(0);
    }),
  );
});

test('a clock that runs far ahead of the ticks changes no bar either: it revises the last, or hands the volume on', () => {
  const lags = fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(mornings, lengths, lags, (ticks, ms, late) => {
      const bars = live(ticks, new BarBuilder({ interval: { ms } }), late);
      expect(bars).toMatchObject(slowBars(ticks, ms));
    }),
  );
});

test('over bars that are not partial the volumes add up to the last cumulative volume minus the first', () => {
  const kinds = fc.constantFrom({ ms: 5000 }, '1m', '1d', { ticks: 3 }, { volume: 700 } as const);
  fc.assert(
    fc.property(mornings, kinds, fc.integer({ min: 0, max: 30 }), (ticks, interval, from) => {
      const builder = new BarBuilder({ interval: interval as '1m' });
      const seen = ticks.slice(Math.min(from, ticks.length - 1));
      const bars = [...builder.push(seen), ...builder.poll(Infinity)];
      const isTraded = (bar: Bar) => bar.volume > 0;
      expect(bars.every(isTraded)).toBe(true);
      // What a partial bar lacks was traded before the first tick.
      expect(bars.slice(1).every(({ partial }) => !partial)).toBe(true);
      const sum = bars.reduce((total, { volume }) => total + volume, 0);
      expect(sum).toBe(seen.at(-1)!.volumeTraded - seen[0]!.volumeTraded);
    }),
  );
});

test('minutes put together are the hours and days that the ticks make', () => {
  const coarse = fc.constantFrom('5m', '15m', '1h', '1d' as const);
  fc.assert(
    fc.property(mornings, coarse, (ticks, interval) => {
      const fine = new BarBuilder({ interval: '1m' });
      const whole = new BarBuilder({ interval: interval });
      const minutes = [...fine.push(ticks), ...fine.poll(Infinity)];
      const bars = [...whole.push(ticks), ...whole.poll(Infinity)];
      const rounded = (list: Bar[]) => list.map((bar) => ({ ...bar, vwap: bar.vwap?.toFixed(6) }));
      expect(rounded(resample(minutes, interval as '1h'))).toEqual(rounded(bars));
    }),
  );
});

test('with `fill` a day has every bar from the first trade on, and those with a trade are the same', () => {
  fc.assert(
    fc.property(mornings, fc.constantFrom(MINUTE, 5 * MINUTE), (ticks, ms) => {
      const plain = new BarBuilder({ interval: { ms } });
      const filled = new BarBuilder({ interval: { ms }, fill: true });
      const bars = [...plain.push(ticks), ...plain.poll(Infinity)];
      const all = [...filled.push(ticks), ...filled.poll(Infinity)];
      expect(all.filter(({ tickCount }) => tickCount > 0)).toEqual(bars);
      for (const [i, bar] of all.entries()) if (i > 0) expect(bar.start).toBe(all[i - 1]!.end);
      if (all.length > 0) expect(all.at(-1)).toMatchObject({ end: at('15:30'), instrumentToken: TOKEN });
    }),
    { numRuns: 30 },
  );
});
