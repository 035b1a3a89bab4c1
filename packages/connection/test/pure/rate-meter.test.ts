import fc from 'fast-check';
import { expect, test } from 'vitest';

import { RateMeter } from '../../src/feed/rate-meter.js';

const START = Date.UTC(2026, 10, 20, 4);

test('is 0 before the first event, and long after the last', () => {
  const meter = new RateMeter();
  expect(meter.perSecond(START)).toBe(0);
  meter.count(START);
  expect(meter.perSecond(START + 60_000)).toBe(0);
});

test('is the rate of a steady stream, once the window is full', () => {
  const meter = new RateMeter();
  for (let at = 0; at < 20_000; at += 10) meter.count(START + at);
  expect(meter.perSecond(START + 20_000)).toBeCloseTo(100, 6);
});

test('counts from the first event on, not from before there was any', () => {
  const meter = new RateMeter();
  for (let at = 0; at < 2000; at += 10) meter.count(START + at);
  expect(meter.perSecond(START + 2000)).toBeCloseTo(100, 6);
});

test('a first burst is not taken for a rate: it is spread over a second at least', () => {
  const meter = new RateMeter();
  for (let count = 0; count < 50; count++) meter.count(START);
  expect(meter.perSecond(START)).toBe(50);
});

test('is a finite number of 0 or more at any time, a wall clock that jumps included', () => {
  const jump = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: -100_000, max: 100_000 }));
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 50 }), (jumps) => {
      const meter = new RateMeter();
      let now = START;
      for (const by of jumps) {
        now += by;
        meter.count(now);
        const rate = meter.perSecond(now);
        expect(Number.isFinite(rate) && rate >= 0).toBe(true);
      }
    }),
  );
});

test('a clock that is set back by an hour begins anew, and does not count what was before as what is now', () => {
  const meter = new RateMeter();
  for (let at = 0; at < 5000; at += 10) meter.count(START + at);
  const back = START - 3_600_000;
  for (let at = 0; at < 5000; at += 20) meter.count(back + at);
  expect(meter.perSecond(back + 5000)).toBeCloseTo(50, 6);
});

test('a clock that is set back while nothing comes leaves nothing of what was before', () => {
  const meter = new RateMeter();
  for (let at = 0; at < 5000; at += 10) meter.count(START + at);
  expect(meter.perSecond(START - 3_600_000)).toBe(0);
});
