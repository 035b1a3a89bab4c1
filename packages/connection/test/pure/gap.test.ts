import { describe, expect, test } from 'vitest';

import { concerns, joinGaps, parted } from '../../src/feed/gap.js';

const gap = (from: number, to: number, instrumentTokens?: number[]) => ({
  from,
  to,
  reason: `${from} to ${to}`,
  ...(instrumentTokens && { instrumentTokens }),
});

describe('two gaps in front of the same data', () => {
  test('are one from the first loss to the last return, with the newest reason', () => {
    expect(joinGaps(undefined, gap(5, 9))).toEqual(gap(5, 9));
    expect(joinGaps(gap(5, 9), gap(7, 12))).toEqual({ from: 5, to: 12, reason: '7 to 12' });
    expect(joinGaps(gap(7, 9), gap(5, 12)).from).toBe(5);
  });

  test('concern what either concerns: everything, as soon as one does', () => {
    expect(joinGaps(gap(5, 9, [1, 2]), gap(7, 12, [2, 3])).instrumentTokens).toEqual([1, 2, 3]);
    expect(joinGaps(gap(5, 9), gap(7, 12, [2]))).not.toHaveProperty('instrumentTokens');
    expect(joinGaps(gap(5, 9, [1]), gap(7, 12))).not.toHaveProperty('instrumentTokens');
  });
});

describe('a gap can be parted', () => {
  test('into that of some of its instruments and that of the others', () => {
    const both = gap(5, 9, [1, 2]);
    expect(parted(both, new Set([2, 3]))).toEqual({ of: gap(5, 9, [2]), rest: gap(5, 9, [1]) });
    expect(parted(both, new Set([1, 2]))).toEqual({ of: both });
    expect(parted(both, new Set([3]))).toEqual({ rest: both });
  });

  test('not where it names none', () => {
    expect(parted(gap(5, 9), new Set([1]))).toEqual({ rest: gap(5, 9) });
  });
});

describe('a gap concerns', () => {
  test.each([
    ['everybody, where it names no instruments', undefined, [1], true],
    ['one that takes all instruments', [1, 2], undefined, true],
    ['one that takes one of those that it names', [1, 2], [2, 3], true],
    ['nobody who takes none of them', [1, 2], [3], false],
  ] as const)('%s', (_, named, wanted, expected) => {
    expect(concerns(gap(1, 2, named && [...named]), wanted && new Set(wanted))).toBe(expected);
  });
});
