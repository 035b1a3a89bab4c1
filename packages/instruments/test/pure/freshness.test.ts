import { describe, expect, test } from 'vitest';

import { isFresh, lastListDue, nextListDue } from '../../src/load/freshness.js';

const india = (time: string): number => Date.parse(`${time}+05:30`);

describe('a list', () => {
  test.each([
    ['2026-11-20T07:59:59.999', '2026-11-19T08:00:00'],
    ['2026-11-20T08:00:00', '2026-11-20T08:00:00'],
    ['2026-11-20T23:59:59', '2026-11-20T08:00:00'],
    ['2026-11-21T00:30:00', '2026-11-20T08:00:00'],
    ['2026-01-01T05:00:00', '2025-12-31T08:00:00'],
  ])('is due at 08:00 in India: at %s the last one was due at %s', (now, due) => {
    expect(lastListDue(india(now))).toBe(india(due));
  });

  test.each<[string, string, number, boolean]>([
    // What the server gives until 08:30 may be yesterday's list still.
    ['2026-11-20T08:00:00', '2026-11-20T15:00:00', Infinity, false],
    ['2026-11-20T08:29:59', '2026-11-20T08:29:59', Infinity, false],
    ['2026-11-20T08:30:00', '2026-11-20T15:00:00', Infinity, true],
    ['2026-11-20T08:30:00', '2026-11-21T07:59:59', Infinity, true],
    ['2026-11-20T08:30:00', '2026-11-21T08:00:00', Infinity, false],
    ['2026-11-20T07:59:00', '2026-11-20T15:00:00', Infinity, false],
    ['2026-11-19T20:00:00', '2026-11-20T07:00:00', Infinity, true],
    ['2026-11-20T09:00:00', '2026-11-20T10:00:00', 3_600_000, true],
    ['2026-11-20T09:00:00', '2026-11-20T10:00:01', 3_600_000, false],
    ['2026-11-20T12:00:00', '2026-11-20T11:00:00', Infinity, false],
  ])('of %s at %s with a longest age of %d ms is fresh: %s', (loadedAt, now, maxAgeMs, expected) => {
    expect(isFresh(india(loadedAt), india(now), maxAgeMs)).toBe(expected);
  });

  test.each([
    ['2026-11-20T07:59:59', '2026-11-20T08:00:00'],
    ['2026-11-20T08:00:00', '2026-11-20T08:30:00'],
    ['2026-11-20T08:29:59', '2026-11-20T08:30:00'],
    ['2026-11-20T08:30:00', '2026-11-21T08:00:00'],
  ])('that was given at %s is asked for again at %s', (loadedAt, due) => {
    expect(nextListDue(india(loadedAt))).toBe(india(due));
  });
});
