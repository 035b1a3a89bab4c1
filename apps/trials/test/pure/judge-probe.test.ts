import { expect, test } from 'vitest';
import type { LtpTick, Tick } from '@kite/protocol';

import { isProbe, judgeProbe, probeTicks } from '../../src/oracle/judge-probe.js';
import { recordOf } from '../support/streams.js';

const TOKENS = [408065, 884737];
const older: LtpTick = {
  mode: 'ltp',
  instrumentToken: 408065,
  segment: 1,
  tradable: true,
  lastPrice: 101,
};

const rulesOf = (...batches: readonly (readonly Tick[])[]): string[] => {
  const from = { account: 'one', channelId: 0 };
  const items = batches.map((ticks) => [1, { type: 'ticks', ticks, receivedAt: 1, from }] as const);
  return judgeProbe(recordOf(items), TOKENS, 2).map(({ rule }) => rule);
};

test('whoever has read everything was handed the newest tick of each instrument last', () => {
  const probes = probeTicks(TOKENS, 1_000);
  expect(probes.every(isProbe)).toBe(true);
  expect(rulesOf([older], probes)).toEqual([]);
  expect(rulesOf(probes.slice(0, 1))).toEqual(['stale']);
  expect(rulesOf(probes, [older])).toEqual(['stale']);
});
