import { expect, test } from 'vitest';
import type { LtpTick, Tick } from '@kite/protocol';

import { HandedTicks } from '../../src/client/items.js';
import { isProbe, judgeProbe, probeTicks } from '../../src/oracle/judge-probe.js';

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
  const items = batches.map((ticks) => ({
    at: 1,
    item: { type: 'ticks', ticks: new HandedTicks().of(ticks), receivedAt: 1, from } as const,
  }));
  return judgeProbe({ consumer: 'one', from: 0, to: undefined, items }, TOKENS, 2).map(({ rule }) => rule);
};

test('whoever has read everything was handed the newest tick of each instrument last', () => {
  const probes = probeTicks(TOKENS, 1_000);
  expect(probes.every(isProbe)).toBe(true);
  expect(rulesOf([older], probes)).toEqual([]);
  expect(rulesOf(probes.slice(0, 1))).toEqual(['stale']);
  expect(rulesOf(probes, [older])).toEqual(['stale']);
});
