import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Place, roomFor, Spreader, type SpreadStrategy } from '@kite/kit';

function room(id: string, spare: number, more: Partial<Place<string>> = {}): Place<string> {
  return { id, room: spare, spare, held: 0, weight: 1, ...more };
}

/** Who gets so many instruments, one after another. */
function spread(strategy: SpreadStrategy, places: Place<string>[], count: number): string {
  const tokens = Array.from({ length: count }, (_, index) => index + 1);
  return [...new Spreader<string>(strategy).spread(tokens, places).values()].flat().join('');
}

describe('the place that the next instrument goes to', () => {
  test.each<[string, SpreadStrategy, Place<string>[], number, string]>([
    ['takes turns', 'round-robin', [room('a', 9), room('b', 9), room('c', 9)], 5, 'abcab'],
    ['passes over who is full', 'round-robin', [room('a', 1), room('b', 9), room('c', 2)], 6, 'abcbcb'],
    ['is the one that holds least', 'least-loaded', [room('a', 9, { held: 2 }), room('b', 9)], 4, 'bbab'],
    ['has its share by weight', 'weighted', [room('a', 99, { weight: 3 }), room('b', 99)], 8, 'aaabaaab'],
    [
      'gets no more than fits for all its weight',
      'weighted',
      [room('a', 1, { weight: 9 }), room('b', 9)],
      3,
      'abb',
    ],
    [
      'is one that is healthy before one that is not',
      'round-robin',
      [room('a', 9, { room: 0 }), room('b', 2), room('c', 9, { room: 0 })],
      4,
      'bbca',
    ],
  ])('%s (%s)', (_title, strategy, places, count, expected) => {
    expect(spread(strategy, places, count)).toBe(expected);
  });

  test('goes on after the one before, no matter which have come or gone meanwhile', () => {
    const spreader = new Spreader<string>('round-robin');
    const next = (...ids: string[]): string | undefined =>
      spreader.next(
        ids.map((id) => room(id, 9)),
        () => true,
      )?.id;
    expect([next('a', 'b', 'c'), next('a', 'b', 'c')]).toEqual(['a', 'b']);
    expect(next('a', 'b', 'd')).toBe('d');
    expect(next('a', 'b')).toBe('a');
    expect(next()).toBeUndefined();
  });

  test('is none where nothing fits, and stays where there is room for some', () => {
    expect(spread('round-robin', [], 2)).toBe('');
    expect(spread('least-loaded', [room('a', 0), room('b', 1)], 2)).toBe('b');
  });
});

const rooms = fc
  .array(fc.record({ spare: fc.nat(12), held: fc.nat(5), weight: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((list) => list.map((more, index) => ({ ...room(String(index), more.spare), ...more })));
const strategies = fc.constantFrom<SpreadStrategy>('round-robin', 'least-loaded', 'weighted');

/** By trying everything: whether so many instruments fit, each on `copies` places that differ. */
function fits(spares: readonly number[], count: number, copies: number): boolean {
  // By Hall: no place takes more than one copy of each.
  return spares.reduce((total, spare) => total + Math.min(spare, count), 0) >= count * copies;
}

describe('any places', () => {
  test('take every instrument that fits, on as many places as asked for, and none beyond its room', () => {
    fc.assert(
      fc.property(rooms, strategies, fc.integer({ min: 1, max: 4 }), (places, strategy, wanted) => {
        const copies = Math.min(wanted, places.length);
        const before = places.map(({ spare }) => spare);
        const count = roomFor(places, copies);
        expect(fits(before, count, copies)).toBe(true);
        expect(fits(before, count + 1, copies)).toBe(false);
        const tokens = Array.from({ length: count }, (_, index) => index + 1);
        const spread = new Spreader<string>(strategy).spread(tokens, places, copies);
        for (const ids of spread.values()) expect(new Set(ids).size).toBe(copies);
        for (const { spare } of places) expect(spare).toBeGreaterThanOrEqual(0);
        expect(places.map(({ spare }, index) => before[index]! - spare)).toEqual(
          places.map(({ id }) => [...spread.values()].flat().filter((one) => one === id).length),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('of equal size differ by one instrument at most, by turns and by load', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
        fc.constantFrom<SpreadStrategy>('round-robin', 'least-loaded'),
        (count, batches, strategy) => {
          const places = Array.from({ length: count }, (_, index) => room(String(index), 1000));
          const spreader = new Spreader<string>(strategy);
          for (const size of batches)
            spreader.spread(
              Array.from({ length: size }, (_, at) => at + 1),
              places,
            );
          const held = places.map((account) => account.held);
          expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('get their share by weight to within one instrument for each place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.nat(200),
        (weights, count) => {
          const places = weights.map((weight, index) => room(String(index), 1000, { weight }));
          spread('weighted', places, count);
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          for (const { held, weight } of places)
            expect(Math.abs(held - (count * weight) / total)).toBeLessThanOrEqual(weights.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('hold nothing where there is none, and as many as fit for one copy', () => {
    expect(roomFor([], 0)).toBe(0);
    expect(roomFor([room('a', 3), room('b', 4)], 1)).toBe(7);
    expect(roomFor([room('a', 1), room('b', 1), room('c', 2)], 2)).toBe(2);
    expect(roomFor([room('a', 9000), room('b', 10)], 2)).toBe(10);
  });
});
