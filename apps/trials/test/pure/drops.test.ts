import { describe, expect, test } from 'vitest';

import { type LostState, type Marker, unaccounted, unaccountedBySource } from '../../src/oracle/drops.js';

const lost = (after: number, before: number, source = 'one'): LostState => ({ after, before, source });
const marker = (position: number, count: number, source = 'one'): Marker => ({ position, count, source });

describe('a lost state', () => {
  test('is accounted for by a drop around its place, and by no other', () => {
    expect(unaccounted([lost(1, 4)], [marker(2, 1)])).toEqual([]);
    expect(unaccounted([lost(1, 4)], [marker(1, 1)])).toEqual([lost(1, 4)]);
    expect(unaccounted([lost(1, 4)], [marker(4, 1)])).toEqual([lost(1, 4)]);
    expect(unaccounted([lost(1, Infinity)], [marker(9, 1)])).toEqual([]);
    expect(unaccounted([lost(1, Infinity)], [])).toEqual([lost(1, Infinity)]);
  });

  test('takes a drop that no other one can take', () => {
    const short = lost(0, 3);
    const long = lost(0, 9);
    expect(unaccounted([long, short], [marker(2, 1), marker(5, 1)])).toEqual([]);
    expect(unaccounted([long, short], [marker(2, 1)])).toEqual([long]);
    expect(unaccounted([long, short], [marker(2, 2)])).toEqual([]);
  });

  test('of one connection is not accounted for by a drop of another', () => {
    const both = [lost(0, 9, 'one'), lost(0, 9, 'two')];
    expect(unaccounted(both, [marker(1, 2, 'one')])).toEqual([]);
    expect(unaccountedBySource(both, [marker(1, 2, 'one')])).toEqual([both[1]]);
    expect(unaccountedBySource(both, [marker(1, 1, 'one'), marker(2, 1, 'two')])).toEqual([]);
  });
});
