import { expect, test } from 'vitest';
import type { LtpTick, Tick } from '@kite/protocol';

import { isProbe, judgeProbe, probeTicks } from '../../src/oracle/judge-probe.js';
import { recordOf } from '../support/streams.js';

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

test('whoever has read everything was handed the newest tick of each instrument last', () => {
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
