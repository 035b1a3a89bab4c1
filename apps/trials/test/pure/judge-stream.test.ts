import { describe, expect, test } from 'vitest';
import { encodePacket, type Gap, type LtpTick } from '@kite/protocol';
import type { SentTick } from '@kite/simulator';

import type { Item, Origin } from '../../src/client/client.js';
import { HandedTicks } from '../../src/client/items.js';
import { Arrivals } from '../../src/oracle/arrivals.js';
import { judgeStream } from '../../src/oracle/judge-stream.js';
import { SentStates } from '../../src/oracle/sent-states.js';
import { Wanted } from '../../src/oracle/wanted.js';
import { WireLog } from '../../src/run/wire-log.js';

const TOKEN = 408065;
const FROM: Origin = { account: 'account-1', channelId: 0 };

const tick = (lastPrice: number): LtpTick => ({
  mode: 'ltp',
  instrumentToken: TOKEN,
  segment: 1,
  tradable: true,
  lastPrice,
});

/** What the server sent: a price a second, from the first second on. */
function sentPrices(prices: readonly number[]): SentTick[] {
  return prices.map((price, index) => ({
    sequence: index + 1,
    at: (index + 1) * 1000,
    connectionId: 1,
    apiKey: 'key',
    instrumentToken: TOKEN,
    change: index,
    packet: encodePacket(tick(price)),
    damaged: false,
  }));
}

/** The rules that a consumer's items break, where the server sent 101, 102, 103 and 104. */
function broken(...items: readonly Item[]): string[] {
  const sent = new SentStates(sentPrices([101, 102, 103, 104]), 0, () => 'account-1');
  const wire = new WireLog({ trueNow: () => 0, wallNow: () => 0 });
  const wanted = new Wanted();
  wanted.note([TOKEN], 0, true);
  const stream = {
    consumer: 'one',
    from: 0,
    to: undefined,
    items: items.map((item, index) => ({ at: (index + 1) * 1000, item })),
  };
  const arrivals = new Arrivals(wire.sockets);
  return judgeStream(stream, { sent, arrivals, wire, wanted, longestWayMs: 100 }).map(({ rule }) => rule);
}

const handed = new HandedTicks();
const ticks = (...prices: readonly number[]): Item => ({
  type: 'ticks',
  ticks: handed.of(prices.map(tick)),
  receivedAt: 0,
  from: FROM,
});
const gap = (more: Partial<Gap> = {}): Item => ({
  type: 'gap',
  gap: { from: 1000, to: 3500, reason: 'cut', ...more },
  from: FROM,
});
const dropped = (count: number): Item => ({ type: 'dropped', count, from: FROM });

describe('a stream is sound', () => {
  test('where each state came once and in order', () => {
    expect(broken(ticks(101), ticks(102, 103), ticks(104))).toEqual([]);
  });

  test('where what is missing lies in a gap that was reported before anything newer', () => {
    expect(broken(ticks(101), gap(), ticks(104))).toEqual([]);
    expect(broken(ticks(101), gap({ instrumentTokens: [TOKEN] }), ticks(104))).toEqual([]);
  });

  test('where what is missing was counted as dropped', () => {
    expect(broken(ticks(101), dropped(2), ticks(104))).toEqual([]);
  });
});

describe('a stream breaks a rule', () => {
  test('where a state is missing, and nothing says so', () => {
    expect(broken(ticks(101), ticks(102), ticks(104))).toEqual(['lost']);
  });

  test('where the last states never come', () => {
    expect(broken(ticks(101), ticks(102))).toEqual(['lost', 'lost']);
  });

  test('where the gap comes after something newer', () => {
    expect(broken(ticks(101), ticks(104), gap())).toEqual(['lost', 'lost']);
  });

  test('where the gap concerns another instrument, or ends too early', () => {
    expect(broken(ticks(101), gap({ instrumentTokens: [256265] }), ticks(104))).toEqual(['lost', 'lost']);
    expect(broken(ticks(101), gap({ to: 2500 }), ticks(104))).toEqual(['lost']);
  });

  test('where fewer were counted as dropped than are missing', () => {
    expect(broken(ticks(101), dropped(1), ticks(104))).toEqual(['lost']);
  });

  test('where a drop is told only after what is newer', () => {
    expect(broken(ticks(101), ticks(104), dropped(2))).toEqual(['drop-late']);
  });

  test('where a state comes twice, or after a newer one', () => {
    expect(broken(ticks(101), ticks(102), ticks(102), ticks(103, 104))).toEqual(['repeated']);
    expect(broken(ticks(101, 102, 103), ticks(101), ticks(104))).toEqual(['turned-back']);
  });

  test('where a state comes that was never sent', () => {
    expect(broken(ticks(101, 102), ticks(102.5), ticks(103, 104))).toEqual(['invented']);
  });
});
