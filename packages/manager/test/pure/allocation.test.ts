import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Distribution } from '@kite/manager';

import { allocate, type Room } from '../../src/allocation.js';

const DISTRIBUTIONS: readonly Distribution[] = ['round-robin', 'least-loaded'];

/** Rooms that hold so much already, with one capacity. */
function rooms(capacity: number, ...sizes: number[]): Room[] {
  return sizes.map((size, index) => ({ channelId: index as Room['channelId'], size, capacity }));
}

/** What each room gets, in order; nothing where it is left out. */
function shares(tokens: number[], of: Room[], distribution: Distribution, cursor?: number): number[][] {
  const { assigned } = allocate(tokens, of, distribution, cursor);
  return of.map(({ channelId }) => [...(assigned.get(channelId) ?? [])]);
}

describe('round robin', () => {
  test.each([
    ['takes turns', rooms(10, 0, 0, 0), 0, [[1, 4], [2, 5], [3]]],
    ['goes on where it had stopped', rooms(10, 0, 0, 0), 2, [[2, 5], [3], [1, 4]]],
    ['takes turns whatever is held already', rooms(10, 5, 0, 0), 0, [[1, 4], [2, 5], [3]]],
    ['passes over who is full', rooms(2, 2, 0, 0), 0, [[], [1, 3], [2, 4]]],
    [
      'wraps a cursor that lies beyond the rooms',
      rooms(10, 0, 0),
      3,
      [
        [2, 4],
        [1, 3, 5],
      ],
    ],
    ['gives a single room everything', rooms(10, 0), 0, [[1, 2, 3, 4, 5]]],
  ])('%s', (_, of, cursor, expected) => {
    expect(shares([1, 2, 3, 4, 5], of, 'round-robin', cursor)).toEqual(expected);
  });

  test('tells where to go on', () => {
    const first = allocate([1, 2], rooms(10, 0, 0, 0), 'round-robin');
    expect(shares([3], rooms(10, 1, 1, 0), 'round-robin', first.cursor)).toEqual([[], [], [3]]);
  });
});

describe('least loaded', () => {
  test.each([
    ['fills up the emptiest first', rooms(10, 3, 1, 0), [[], [2, 4], [1, 3, 5]]],
    ['breaks a tie by the order of the connections', rooms(10, 0, 0, 0), [[1, 4], [2, 5], [3]]],
    ['passes over who is full, though it holds the least', rooms(1, 1, 0, 1), [[], [1], []]],
  ])('%s', (_, of, expected) => {
    expect(shares([1, 2, 3, 4, 5], of, 'least-loaded')).toEqual(expected);
  });
});

describe.each(DISTRIBUTIONS)('%s', (distribution) => {
  test.each([
    ['no room at all', rooms(3, 3, 3, 3), [7, 8]],
    ['no connection at all', [], [7, 8]],
    ['room for one', rooms(3, 3, 2, 3), [8]],
  ])('leaves over what does not fit: %s', (_, of, leftOver) => {
    expect(allocate([7, 8], of, distribution).leftOver).toEqual(leftOver);
  });

  test('assigns nothing when there is nothing', () => {
    expect(allocate([], rooms(3, 0, 0), distribution)).toEqual({
      assigned: new Map(),
      leftOver: [],
      cursor: 0,
    });
  });

  const tokens = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 60 });
  const someRooms = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 3 }).map((list): Room[] =>
    list.map(([size, free], index) => ({
      channelId: index as Room['channelId'],
      size,
      capacity: size + free,
    })),
  );

  test('never goes over a capacity, loses nothing, places all that fits, and gives the same plan again', () => {
    fc.assert(
      fc.property(tokens, someRooms, fc.nat(5), (list, of, cursor) => {
        const plan = allocate(list, of, distribution, cursor);
        const free = of.reduce((sum, { size, capacity }) => sum + capacity - size, 0);
        for (const { channelId, size, capacity } of of)
          expect(size + (plan.assigned.get(channelId)?.length ?? 0)).toBeLessThanOrEqual(capacity);
        const placed = [...plan.assigned.values()].flat();
        expect([...placed, ...plan.leftOver].sort((a, b) => a - b)).toEqual([...list].sort((a, b) => a - b));
        expect(placed).toHaveLength(Math.min(free, list.length));
        expect(allocate(list, of, distribution, cursor)).toEqual(plan);
      }),
    );
  });

  test('keeps the order of the instruments on each connection', () => {
    fc.assert(
      fc.property(tokens, someRooms, (list, of) => {
        for (const share of allocate(list, of, distribution).assigned.values())
          expect([...share].sort((a, b) => list.indexOf(a) - list.indexOf(b))).toEqual(share);
      }),
    );
  });

  test('spreads over empty connections to within one, in whatever portions', () => {
    const portions = fc.array(fc.nat(20), { maxLength: 8 });
    fc.assert(
      fc.property(portions, fc.integer({ min: 1, max: 3 }), (sizes, count) => {
        const held = new Array<number>(count).fill(0);
        let cursor = 0;
        let token = 0;
        for (const size of sizes) {
          const list = Array.from({ length: size }, () => ++token);
          const plan = allocate(list, rooms(3000, ...held), distribution, cursor);
          cursor = plan.cursor;
          for (const [channelId, share] of plan.assigned) held[channelId]! += share.length;
        }
        expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('least loaded never gives to one connection while another with room holds less', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }), fc.nat(30), (sizes, count) => {
      const list = Array.from({ length: count }, (_, index) => index + 1);
      const { assigned } = allocate(list, rooms(1000, ...sizes), 'least-loaded');
      const after = sizes.map((size, index) => size + (assigned.get(index as 0)?.length ?? 0));
      const least = Math.min(...after);
      for (const channelId of assigned.keys()) expect(after[channelId]! - least).toBeLessThanOrEqual(1);
    }),
  );
});
