import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { scenarioBeats, type ScenarioPlace } from '../../src/market/scenario.js';
import { SCENARIO_NAMES } from '../../src/scenario-name.js';

const place: ScenarioPlace = { last: 10_000, close: 10_000, tick: 5, lower: 8000, upper: 12_000 };
const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const pricesOf = (...of: Parameters<typeof scenarioBeats>) =>
  scenarioBeats(...of).flatMap(({ price }) => price ?? []);

describe('a scenario', () => {
  test.each(SCENARIO_NAMES)('%s has positive prices on the tick size, the same for the same seed', (name) => {
    const anyPlace = fc
      .record({
        tick: fc.integer({ min: 1, max: 500 }),
        ticks: fc.integer({ min: 1, max: 1e6 }),
        band: fc.nat(1000),
      })
      .map(({ tick, ticks, band }): ScenarioPlace => {
        const last = tick * ticks;
        const room = Math.max(5, band) * tick;
        return { last, close: last, tick, lower: Math.max(tick, last - room), upper: last + room };
      });
    fc.assert(
      fc.property(anyPlace, fc.integer(), (where, seed) => {
        const beats = scenarioBeats(name, where, seed);
        expect(scenarioBeats(name, where, seed)).toEqual(beats);
        expect(beats.length).toBeGreaterThan(10);
        for (const { price } of beats)
          if (price !== undefined) expect([price > 0, price % where.tick]).toEqual([true, 0]);
      }),
    );
  });

  test.each(['gap-at-open', 'circuit', 'auction'] as const)(
    '%s goes up with one seed and down with another',
    (name) => {
      const signs = seeds.map((seed) =>
        Math.sign(pricesOf(name, place, seed).at(name === 'auction' ? -1 : 0)! - 10_000),
      );
      expect(new Set(signs)).toEqual(new Set([1, -1]));
    },
  );

  test('gap-at-open opens the day away from the close, and half of the gap closes', () => {
    for (const seed of seeds) {
      const beats = scenarioBeats('gap-at-open', place, seed);
      expect(beats.map(({ opens }) => opens ?? false)).toEqual(beats.map((_, index) => index === 0));
      const gap = Math.abs(beats[0]!.price! - place.close);
      expect(gap).toBe(800);
      expect(Math.abs(Math.abs(beats.at(-1)!.price! - place.close) - gap / 2)).toBeLessThan(100);
    }
  });

  test('circuit reaches the limit, stays there and comes off', () => {
    for (const seed of seeds) {
      const prices = pricesOf('circuit', place, seed);
      const limit = prices[0]! > place.last ? place.upper : place.lower;
      expect(prices.filter((price) => price === limit).length).toBeGreaterThanOrEqual(20);
      expect(prices.at(-1)).not.toBe(limit);
    }
  });

  test('expiry-spike multiplies the price within moments, beyond the band, and ends at one tick', () => {
    const prices = pricesOf('expiry-spike', place, 1);
    expect(Math.max(...prices)).toBeGreaterThan(7 * Math.min(...prices.slice(0, 20)));
    expect(Math.max(...prices)).toBeGreaterThan(place.upper);
    expect(prices.at(-1)).toBe(place.tick);
  });

  test('auction is silence and then one trade', () => {
    const beats = scenarioBeats('auction', place, 1);
    expect(beats.slice(0, -1).every(({ price }) => price === undefined)).toBe(true);
    expect(beats.at(-1)!.price).not.toBe(place.last);
  });
});
