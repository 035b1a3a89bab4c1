import { expect, test } from 'vitest';
import type { LtpTick, Tick } from '@kite/protocol';

import { isProbe, judgeProbe, mayLackProbe, probeTicks } from '../../src/oracle/judge-probe.js';
import { dropped, recordOf, ticks } from '../support/streams.js';

const TOKENS = [408065, 884737];
const FROM = { account: 'one', channelId: 0 };
const older: LtpTick = {
  mode: 'ltp',
  instrumentToken: 408065,
  segment: 1,
  tradable: true,
  lastPrice: 101,
};

const rulesOf = (...batches: readonly (readonly Tick[])[]): string[] => {
  const items = batches.map((ticks) => [1, { type: 'ticks', ticks, receivedAt: 1, from: FROM }] as const);
  return judgeProbe(recordOf(items), TOKENS, 2).map(({ rule }) => rule);
};

test('anyone who has read everything was handed the newest tick of each instrument last', () => {
  const probes = probeTicks(TOKENS, 1_000);
  expect(probes.every(isProbe)).toBe(true);
  expect(rulesOf([older], probes)).toEqual([]);
  expect(rulesOf(probes.slice(0, 1))).toEqual(['stale']);
  expect(rulesOf(probes, [older])).toEqual(['stale']);
});

test('who reads some instruments alone is handed the newest ticks of those, where they have any', () => {
  const items = [
    [1, { type: 'ticks', ticks: probeTicks([408065], 1_000), receivedAt: 1, from: FROM }] as const,
  ];
  const own = recordOf(items, { plan: { tokens: [408065, 256265] } });
  expect(judgeProbe(own, TOKENS, 2)).toEqual([]);
  expect(judgeProbe(recordOf([], { plan: { tokens: [408065] } }), TOKENS, 2)).toHaveLength(1);
});

test('a drop since the last ticks were sent may have taken one, and one before them has not', () => {
  const record = recordOf([
    [1000, ticks(1000, [101])],
    [2000, dropped(3)],
    [2000, ticks(2000, [104])],
  ]);
  expect(mayLackProbe(record, 2000, 3)).toBe(true);
  expect(mayLackProbe(record, 2001, 3)).toBe(false);
});

test('a drop that no later batch has told may have taken one, where it is told on a batch alone', () => {
  const items = [[1000, dropped(3)] as const, [1000, ticks(1000, [101])] as const];
  const batches = recordOf(items, { plan: { kind: 'ticks', overflow: 'drop-newest' } });
  expect(mayLackProbe(batches, 2000, 3)).toBe(false);
  expect(mayLackProbe(batches, 2000, 4)).toBe(true);
  expect(mayLackProbe(recordOf(items, { plan: { kind: 'messages' } }), 2000, 4)).toBe(false);
});

test('a channel that conflates always has room for the newest tick of an instrument', () => {
  const record = recordOf([[2000, dropped(3)]], { plan: { kind: 'ticks', overflow: 'conflate' } });
  expect(mayLackProbe(record, 2000, 4)).toBe(false);
});
