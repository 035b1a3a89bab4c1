import { expect, test } from 'vitest';
import { encodePacket, type LtpTick } from '@kite/protocol';

import type { Item, Origin } from '../../src/client/client.js';
import { HandedTicks } from '../../src/client/items.js';
import { Arrivals } from '../../src/oracle/arrivals.js';
import { judgeDrops, othersIn } from '../../src/oracle/judge-drops.js';
import { judgeOrigins } from '../../src/oracle/judge-origins.js';
import { keyOf, SentStates } from '../../src/oracle/sent-states.js';
import type { StreamRecord } from '../../src/oracle/stream-record.js';
import type { SocketLog } from '../../src/run/wire-log.js';

const TOKEN = 408065;
const tick: LtpTick = { mode: 'ltp', instrumentToken: TOKEN, segment: 1, tradable: true, lastPrice: 101 };
const packet = encodePacket(tick);
const handed = new HandedTicks();

/** One state, sent over connection 7 of account `one`, which is its second connection; it came at 20, on the wall 5020. */
const socket: SocketLog = {
  openedAt: 0,
  openedWall: 5000,
  lastDataWall: 5020,
  endedAt: undefined,
  connectionId: 7,
  arrivals: [{ key: keyOf(packet), wall: 5020, at: 20, sequence: 1 }],
};
const sent = new SentStates(
  [
    {
      sequence: 1,
      at: 10,
      connectionId: 7,
      apiKey: 'one',
      instrumentToken: TOKEN,
      change: 0,
      packet,
      damaged: false,
    },
  ],
  0,
  (apiKey) => apiKey,
);
const arrivals = new Arrivals([socket]);

/** The rules that a tick breaks which says this of itself. */
function broken(receivedAt: number, from: Origin): string[] {
  const item: Item = { type: 'ticks', ticks: handed.of([tick]), receivedAt, from };
  const originOf = (): Origin => ({ account: 'one', channelId: 1 });
  const stream = { consumer: 'all', from: 0, to: undefined, items: [{ at: 21, item }] };
  return judgeOrigins(stream, { sent, arrivals, originOf, merges: false }).map(({ rule }) => rule);
}

test('ticks name the account and the connection that they came over, and when', () => {
  expect(broken(5020, { account: 'one', channelId: 1 })).toEqual([]);
  expect(broken(5021.5, { account: 'one', channelId: 1 })).toEqual(['origin-wrong']);
  expect(broken(5020, { account: 'one', channelId: 0 })).toEqual(['origin-wrong']);
  expect(broken(5020, { account: 'two', channelId: 1 })).toEqual(['origin-wrong']);
});

test('no more is told as dropped than was lost', () => {
  const from: Origin = { account: 'one', channelId: 0 };
  const stream = (count: number, ...items: readonly Item[]) => ({
    consumer: 'one',
    from: 0,
    to: undefined,
    items: [{ type: 'dropped', count, from } as const, ...items].map((item) => ({ at: 30, item })),
  });
  const rulesOf = (record: StreamRecord, others = 0): string[] =>
    judgeDrops(record, { sent, arrivals, others }).map(({ rule }) => rule);
  const ticks: Item = { type: 'ticks', ticks: handed.of([tick]), receivedAt: 5020, from };
  expect(rulesOf(stream(1))).toEqual([]);
  expect(rulesOf(stream(1, ticks))).toEqual(['drop-overcounted']);
  expect(rulesOf(stream(2, ticks), 2)).toEqual([]);
  expect(othersIn([stream(1, ticks)], stream(1))).toBe(1);
});
