import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Bars } from '../../src/depth-board/page/bars.js';

const at = (seconds: number) => seconds * 1000;

describe('Bars', () => {
  test('a bar has the first price, the highest, the lowest and the last, and what was traded', () => {
    const bars = new Bars(10);
    bars.add(100, at(60), 1);
    bars.add(103, at(61.5), 2);
    bars.add(99, at(63), 3);
    bars.add(101, at(64.999), 4);
    expect(bars.all(5)).toEqual([{ time: 60, open: 100, high: 103, low: 99, close: 101, volume: 10 }]);
  });

  test('a price at the boundary opens the next bar', () => {
    const bars = new Bars(10);
    bars.add(100, at(64.999), 1);
    bars.add(101, at(65), 1);
    expect(bars.all(5).map(({ time }) => time)).toEqual([60, 65]);
  });

  test('what is older than the last bar changes nothing: a chart cannot go back', () => {
    const bars = new Bars(10);
    bars.add(100, at(65), 1);
    bars.add(1, at(64), 1);
    expect(bars.all(5)).toEqual([{ time: 65, open: 100, high: 100, low: 100, close: 100, volume: 1 }]);
  });

  test('keeps as many as it may, the newest', () => {
    const bars = new Bars(3);
    for (let second = 0; second < 50; second += 5) bars.add(second, at(second), 1);
    expect(bars.all(5).map(({ time }) => time)).toEqual([35, 40, 45]);
  });

  test('bars since a time are the last of all bars, the one that it falls on included', () => {
    const bars = new Bars(100);
    for (let second = 0; second < 300; second += 5) bars.add(second, at(second), 1);
    expect(bars.since(120, 60)).toEqual(bars.all(60).slice(2));
    expect(bars.since(295, 5)).toHaveLength(1);
    expect(bars.since(300, 5)).toEqual([]);
  });

  test('a longer bar says of its time what the shorter ones in it say together', () => {
    const tick = fc.record({
      price: fc.integer({ min: 1, max: 1000 }),
      afterMs: fc.integer({ min: 0, max: 20_000 }),
      volume: fc.nat(100),
    });
    fc.assert(
      fc.property(
        fc.array(tick, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(15, 60, 300),
        (ticks, seconds) => {
          const bars = new Bars(Infinity);
          let now = 0;
          const parts = new Map<number, typeof ticks>();
          for (const one of ticks) {
            now += one.afterMs;
            bars.add(one.price, now, one.volume);
            const time = Math.floor(now / 1000 / seconds) * seconds;
            parts.set(time, [...(parts.get(time) ?? []), one]);
          }
          const expected = [...parts].map(([time, part]) => ({
            time,
            open: part[0]!.price,
            high: Math.max(...part.map(({ price }) => price)),
            low: Math.min(...part.map(({ price }) => price)),
            close: part.at(-1)!.price,
            volume: part.reduce((sum, { volume }) => sum + volume, 0),
          }));
          expect(bars.all(seconds)).toEqual(expected);
        },
      ),
    );
  });
});
