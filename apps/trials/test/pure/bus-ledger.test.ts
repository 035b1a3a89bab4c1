import { expect, test } from 'vitest';
import type { TickerMessage } from '@kite/protocol';

import { Ledger } from '../../src/bus/ledger.js';

const PLAN = { startAt: 1000, stepMs: 50, tokens: [1, 2], orderEvery: 20 };
const SOURCE = { channelId: 0, receivedAt: 0 } as const;

function judged(
  ...messages: (number | { from: number; to: number; instrumentTokens?: number[] } | string)[]
) {
  const ledger = new Ledger(PLAN);
  for (const one of messages) ledger.take(asMessage(one), 0);
  ledger.settle(10_001);
  return ledger.seen;
}

function asMessage(
  one: number | { from: number; to: number; instrumentTokens?: number[] } | string,
): TickerMessage {
  if (typeof one === 'string') return { type: 'order', order: { order_id: one, status: 'OPEN' }, ...SOURCE };
  if (typeof one === 'object') return { type: 'gap', reason: 'x', ...one, ...SOURCE };
  const tick = { mode: 'ltp', instrumentToken: 1, segment: 1, tradable: true, lastPrice: one } as const;
  return { type: 'ticks', ticks: [tick], ...SOURCE };
}

test('a program that joins late misses nothing, and steps in a row are all there is to see', () => {
  expect(judged(5, 6, 7)).toMatchObject({ ticks: 3, inGaps: 0, unexplained: 0, breaches: [] });
});

test('a step that is missing must lie in a gap of its instrument, which is told within 10 s', () => {
  expect(judged(5, { from: 1300, to: 1350 }, 8)).toMatchObject({ inGaps: 2, unexplained: 0 });
  expect(judged(5, { from: 1300, to: 1310 }, 8)).toMatchObject({ inGaps: 1, unexplained: 1 });
  expect(judged(5, { from: 1300, to: 1350, instrumentTokens: [2] }, 8)).toMatchObject({ unexplained: 2 });
  expect(judged(5, 8, { from: 1300, to: 1350 })).toMatchObject({ inGaps: 2, unexplained: 0 });
  const ledger = new Ledger(PLAN);
  for (const one of [5, 8]) ledger.take(asMessage(one), 0);
  ledger.settle(9000);
  expect(ledger.seen).toMatchObject({ inGaps: 0, unexplained: 0 });
  ledger.settle(10_001);
  ledger.take(asMessage({ from: 1300, to: 1350 }), 10_002);
  ledger.settle(10_003);
  expect(ledger.seen).toMatchObject({ inGaps: 0, unexplained: 2 });
});

test('a step that comes again or too late, and an order that comes again, are breaches', () => {
  expect(judged(5, 5).breaches).toHaveLength(1);
  expect(judged(5, 4).breaches).toHaveLength(1);
  expect(judged('1', '2', '1').breaches).toEqual(['the order 1 came twice']);
});
