import { expect, test } from 'vitest';

import { BusTally, type BusVerdict } from '../../src/bus/bus-tally.js';
import type { CollectorTold, ProgramTold } from '../../src/bus/told.js';

const SEEN = { ticks: 100, gaps: 1, inGaps: 5, dropped: 0, unexplained: 0, orders: 3 };
const PROGRAM: ProgramTold = {
  ...{ ...SEEN, byReason: { lost: 5 }, breaches: [], open: 0, openedAt: 0, toldAt: 60_000, behindMs: 50 },
  orderIds: ['1', '2', '3'],
};
const COLLECTOR: CollectorTold = { published: 50, symbolCount: 3, storedOrderIds: ['1', '2', '3'] };
const STORED = ['1', '2', '3'].map((id) => ({ id, storedAt: 30_000 + Number(id) * 1000 }));

interface Case {
  readonly program?: Partial<ProgramTold>;
  readonly slow?: Partial<ProgramTold>;
  readonly collector?: Partial<CollectorTold>;
  readonly kills?: number;
  readonly stored?: readonly { id: string; storedAt: number }[];
}

/** A run of two programs, one of them slow, and a collector that was killed once; changed as a test says. */
function judged({ program, slow, collector, kills = 1, stored = STORED }: Case = {}): BusVerdict {
  const tally = new BusTally({ kills: 1, slow: ['slow'], symbolCount: 3 });
  tally.kills.collector = kills;
  tally.programEnded('quick', { ...PROGRAM, ...program }, true);
  tally.programEnded('slow', { ...PROGRAM, dropped: 7, ...slow }, true);
  tally.collectorEnded('a', COLLECTOR, false);
  tally.collectorEnded('a', { ...COLLECTOR, ...collector }, true);
  return tally.verdict(stored);
}

test('a run in which everything came, or lies in a gap, adds up what was seen, and breaks nothing', () => {
  expect(judged()).toEqual({
    kills: { collector: 1, both: 0, program: 0, server: 0, pause: 0 },
    total: { ticks: 200, gaps: 2, inGaps: 10, dropped: 7, unexplained: 0, orders: 6, byReason: { lost: 10 } },
    programs: {
      quick: { ticks: 100, dropped: 0, orders: 3 },
      slow: { ticks: 100, dropped: 7, orders: 3 },
    },
    ...{ published: 100, lives: 2, ordersStored: 3, breaches: [] },
  });
});

test.each<[string, Case, string]>([
  ['a program received no tick', { program: { ticks: 0 } }, 'quick: received no ticks'],
  ['a program received no order', { program: { orders: 0 } }, 'quick: received no orders'],
  [
    'the slow program dropped nothing',
    { slow: { dropped: 0 } },
    'slow: is too slow, and has dropped nothing',
  ],
  ['no gap was reported', { program: { gaps: 0 }, slow: { gaps: 0 } }, 'no gap was reported'],
  ['too few collectors were killed', { kills: 0 }, '0 collectors were killed, and not 1'],
])('a run shows nothing where %s', (_, one, breach) => {
  expect(judged(one).breaches).toContain(breach);
});

test.each<[string, Case, string]>([
  [
    'more ticks are missing than were dropped',
    { slow: { unexplained: 5, open: 3 } },
    'slow: 8 ticks are in no gap, and 7 were told as dropped',
  ],
  [
    'what is missing of a life that was killed was told by nobody',
    { program: { open: 1 } },
    'quick: 1 ticks are in no gap, and 0 were told as dropped',
  ],
  [
    'an order is lost',
    { program: { orderIds: ['1', '3'] } },
    'quick: the order 2 is stored, and did not come',
  ],
  [
    'an order is invented',
    { program: { orderIds: ['1', '2', '3', '9'] } },
    'quick: the order 9 came, and is not stored',
  ],
  [
    'an acknowledged order is not stored',
    { collector: { storedOrderIds: ['4'] } },
    'collector a: the order 4 was acknowledged, and is not stored',
  ],
  [
    'an instrument shows nothing new after the faults',
    { program: { behindMs: 10_001 } },
    'quick: the last step of an instrument is 10001 ms old at the end',
  ],
  [
    'an instrument never shows anything',
    { program: { behindMs: null } },
    'quick: the last step of an instrument is missing at the end',
  ],
  [
    'a collector is not subscribed to what programs want',
    { collector: { symbolCount: 2 } },
    'collector a: has 2 instruments at the end; programs want 3',
  ],
  ['a program has seen something wrong', { program: { breaches: ['x'] } }, 'quick: x'],
])('a run is broken where %s', (_, one, breach) => {
  expect(judged(one).breaches).toEqual([breach]);
});

test('an order may come late: what was stored in the last 20 s of a life, or before it followed, is not asked for', () => {
  const late = [...STORED, { id: '4', storedAt: 41_000 }];
  expect(judged({ stored: late }).breaches).toEqual([]);
  const early = [{ id: '0', storedAt: 1000 }, ...STORED];
  expect(judged({ stored: early }).breaches).toEqual([]);
});

test('a life that is long enough and saw no order has lost those that were stored meanwhile', () => {
  const none = judged({ program: { orderIds: [], orders: 0 } });
  expect(none.breaches).toContain('quick: the order 1 is stored, and did not come');
});
