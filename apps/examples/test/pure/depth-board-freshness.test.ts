import { describe, expect, test } from 'vitest';

import { backoffMs } from '../../src/depth-board/page/backoff.js';
import { freshnessOf, type Sources } from '../../src/depth-board/page/freshness.js';

const NOW = 1_700_000_000_000;
const live: Sources = {
  link: 'open',
  feed: { type: 'state', state: 'open' },
  lastFrameAt: NOW - 900,
  now: NOW,
};

describe('freshnessOf', () => {
  test('an open feed that said something within three seconds is live', () => {
    expect(freshnessOf(live)).toEqual({ kind: 'live' });
    expect(freshnessOf({ ...live, lastFrameAt: NOW - 3000 })).toEqual({ kind: 'live' });
  });

  test.each<[string, Partial<Sources>, RegExp]>([
    ['silence', { lastFrameAt: NOW - 3001 }, /silent/],
    ['a relay that is down', { link: 'down' }, /relay does not answer/],
    [
      'a feed that waits',
      { feed: { type: 'state', state: 'waiting', reason: 'close code 1006' } },
      /close code 1006; connecting again/,
    ],
    ['a feed that connects', { feed: { type: 'state', state: 'connecting' } }, /connecting to the feed/],
    [
      'a feed that failed',
      { feed: { type: 'state', state: 'failed', reason: 'the token expired' } },
      /^the token expired$/,
    ],
    [
      'a feed that failed, with which the relay ended',
      { link: 'down', feed: { type: 'state', state: 'failed', reason: 'the token expired' } },
      /^the token expired$/,
    ],
    ['a feed that was closed', { feed: { type: 'state', state: 'closed' } }, /closed/],
  ])('%s is stale, with the reason, since the last sign of life', (_, sources, reason) => {
    const { lastFrameAt } = { ...live, ...sources };
    expect(freshnessOf({ ...live, ...sources })).toEqual({
      kind: 'stale',
      since: lastFrameAt,
      reason: expect.stringMatching(reason) as string,
    });
  });

  test('before anything came there is nothing that could be stale', () => {
    expect(freshnessOf({ ...live, lastFrameAt: null })).toEqual({
      kind: 'starting',
      reason: 'waiting for the first tick',
    });
    expect(freshnessOf({ ...live, lastFrameAt: null, link: 'connecting' })).toMatchObject({
      kind: 'starting',
    });
  });
});

describe('backoffMs', () => {
  test('grows to ten seconds and no further, however long the relay is down', () => {
    const longest = Array.from({ length: 2000 }, (_, attempt) => backoffMs(attempt, () => 1));
    expect(longest.slice(0, 7)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000]);
    expect(Math.max(...longest)).toBe(10_000);
  });

  test('half of it is left to chance, so that many pages do not come back at once', () => {
    expect([backoffMs(3, () => 0), backoffMs(3, () => 0.5), backoffMs(3, () => 1)]).toEqual([
      1000, 1500, 2000,
    ]);
  });
});
