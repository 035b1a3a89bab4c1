import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AccountPicker, type AccountRoom, DistributionStrategy } from '../../src/accounts/distribution.js';
import { placeEach, roomFor } from '../../src/accounts/spread.js';

function room(id: string, spare: number, more: Partial<AccountRoom> = {}): AccountRoom {
  return { id, room: spare, spare, held: 0, weight: 1, ...more };
}

/** Who gets so many instruments, one after another. */
function spread(strategy: DistributionStrategy, accounts: AccountRoom[], count: number): string {
  const tokens = Array.from({ length: count }, (_, index) => index + 1);
  return [...placeEach(tokens, accounts, 1, new AccountPicker(strategy)).values()].flat().join('');
}

describe('the account that the next instrument goes to', () => {
  test.each<[string, DistributionStrategy, AccountRoom[], number, string]>([
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
  ])('%s (%s)', (_title, strategy, accounts, count, expected) => {
    expect(spread(strategy, accounts, count)).toBe(expected);
  });

  test('goes on after the one before, whoever has come or gone meanwhile', () => {
    const picker = new AccountPicker('round-robin');
    const next = (...ids: string[]): string | undefined =>
      picker.pick(
        ids.map((id) => room(id, 9)),
        () => true,
      )?.id;
    expect([next('a', 'b', 'c'), next('a', 'b', 'c')]).toEqual(['a', 'b']);
    expect(next('a', 'b', 'd')).toBe('d');
    expect(next('a', 'b')).toBe('a');
    expect(next()).toBeUndefined();
  });

  test('is known by the names of the field', () => {
    expect(DistributionStrategy).toEqual({
      RoundRobin: 'round-robin',
      LeastLoaded: 'least-loaded',
      Weighted: 'weighted',
      Manual: 'manual',
    });
  });
});

const rooms = fc
  .array(fc.record({ spare: fc.nat(12), held: fc.nat(5), weight: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((list) => list.map((more, index) => ({ ...room(String(index), more.spare), ...more })));
const strategies = fc.constantFrom<DistributionStrategy>('round-robin', 'least-loaded', 'weighted');

/** By trying everything: whether so many instruments fit, each on `copies` accounts that differ. */
function fits(spares: readonly number[], count: number, copies: number): boolean {
  // By Hall: no account takes more than one copy of each.
  return spares.reduce((total, spare) => total + Math.min(spare, count), 0) >= count * copies;
}

describe('any accounts', () => {
  test('take every instrument that fits, on as many accounts as asked for, and none beyond its room', () => {
    fc.assert(
      fc.property(rooms, strategies, fc.integer({ min: 1, max: 4 }), (accounts, strategy, wanted) => {
        const copies = Math.min(wanted, accounts.length);
        const before = accounts.map(({ spare }) => spare);
        const count = roomFor(accounts, copies);
        expect(fits(before, count, copies)).toBe(true);
        expect(fits(before, count + 1, copies)).toBe(false);
        const tokens = Array.from({ length: count }, (_, index) => index + 1);
        const places = placeEach(tokens, accounts, copies, new AccountPicker(strategy));
        for (const ids of places.values()) expect(new Set(ids).size).toBe(copies);
        for (const { spare } of accounts) expect(spare).toBeGreaterThanOrEqual(0);
        expect(accounts.map(({ spare }, index) => before[index]! - spare)).toEqual(
          accounts.map(({ id }) => [...places.values()].flat().filter((place) => place === id).length),
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
        fc.constantFrom<DistributionStrategy>('round-robin', 'least-loaded'),
        (count, batches, strategy) => {
          const accounts = Array.from({ length: count }, (_, index) => room(String(index), 1000));
          const picker = new AccountPicker(strategy);
          for (const size of batches)
            placeEach(
              Array.from({ length: size }, (_, at) => at + 1),
              accounts,
              1,
              picker,
            );
          const held = accounts.map((account) => account.held);
          expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('get their share by weight to within one instrument for each account', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.nat(200),
        (weights, count) => {
          const accounts = weights.map((weight, index) => room(String(index), 1000, { weight }));
          spread('weighted', accounts, count);
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          for (const { held, weight } of accounts)
            expect(Math.abs(held - (count * weight) / total)).toBeLessThanOrEqual(weights.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('hold nothing without an account, and as many as fit for one copy', () => {
    expect(roomFor([], 0)).toBe(0);
    expect(roomFor([room('a', 3), room('b', 4)], 1)).toBe(7);
    expect(roomFor([room('a', 1), room('b', 1), room('c', 2)], 2)).toBe(2);
    expect(roomFor([room('a', 9000), room('b', 10)], 2)).toBe(10);
  });
});
