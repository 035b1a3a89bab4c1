import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Gap, type Mode, PACKETS } from '@kite/protocol';
import type { SentTick } from '@kite/simulator';

import type { Item } from '../../src/client/client.js';
import { Arrivals } from '../../src/oracle/arrivals.js';
import { Asked } from '../../src/oracle/asked.js';
import { judgeMerged } from '../../src/oracle/judge-merged.js';
import { MergedStates } from '../../src/oracle/merged-states.js';
import { Pauses } from '../../src/oracle/pauses.js';
import { TickKeys } from '../../src/oracle/tick-keys.js';
import { Wanted } from '../../src/oracle/wanted.js';
import { WireLog } from '../../src/run/wire-log.js';
import { recordOf, socketLog } from '../support/streams.js';

const TOKEN = 408065;

/** Where a packet has its price and its volume. */
const [PRICE_AT, VOLUME_AT] = [4, 16];

/** The packet of the n-th state, in a mode: the price is 1, where it is not given. */
function packet(n: number, mode: Mode, price = 1): Uint8Array {
  const bytes = new Uint8Array(PACKETS.full.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, TOKEN);
  view.setInt32(PRICE_AT, price * 100);
  view.setUint32(VOLUME_AT, n);
  return bytes.subarray(0, PACKETS[mode].length);
}

interface Sent {
  /** When, in seconds. */
  at: number;
  /** Which account has it, and when it gets there; undefined: never. */
  a?: number | null;
  b?: number | null;
  n: number;
  mode?: Mode;
  price?: number;
}

/** One state a second that both accounts have at once, from the first second on. */
const BOTH: readonly Sent[] = [1, 2, 3, 4].map((n) => ({ at: n, a: n, b: n, n }));

/** The rules that a consumer's items break. Times are in seconds. */
function broken(
  sent: readonly Sent[],
  items: readonly (readonly [at: number, Item])[],
  more: {
    /** When the socket of account a ends. */
    endedA?: number;
    /** When the socket of account b ends. */
    endedB?: number;
    /** When account b is left: the client unsubscribes there. */
    leftB?: number;
    /** From when on account a has another socket. */
    newA?: number;
    /** When the program asks once more. */
    asked?: number;
    /** What it wants. */
    mode?: Mode;
    /** When the program stops wanting the instrument. */
    unwanted?: number;
    hasWorkers?: boolean;
    /** Seconds. */
    sleeps?: readonly (readonly [from: number, to: number])[];
  } = {},
): string[] {
  const log: SentTick[] = [];
  const ends = [more.endedA, more.endedB, undefined];
  const sockets = ends.map((end, index) =>
    socketLog({
      connectionId: index + 1,
      openedWall: 0,
      leftAt: end === undefined ? undefined : end * 1000,
    }),
  );
  if (more.leftB !== undefined)
    sockets[1]!.subscriptions.push({
      at: more.leftB * 1000,
      tokens: new Set([TOKEN]),
      isSubscribed: false,
    });
  const come: { at: number; connectionId: number }[] = [];
  for (const { at, a, b, n, mode = 'full', price } of sent) {
    const bytes = packet(n, mode, price);
    for (const [account, arrives] of [
      ['a', a],
      ['b', b],
    ] as const) {
      if (arrives === undefined) continue;
      const connectionId = account === 'b' ? 2 : at >= (more.newA ?? Infinity) ? 3 : 1;
      const tick = {
        sequence: log.length + 1,
        apiKey: account,
        instrumentToken: TOKEN,
        change: n,
        damaged: false,
      };
      log.push({ ...tick, at: at * 1000, connectionId, packet: bytes });
      if (arrives !== null) come.push({ at: arrives * 1000, connectionId });
    }
  }
  come.sort((one, other) => one.at - other.at);
  for (const [index, { at, connectionId }] of come.entries()) {
    const { arrivals } = sockets[connectionId - 1]!;
    arrivals.push({ at, wall: at, first: index + 1, upTo: arrivals.length + 1, isOwed: true });
  }
  const wire = new WireLog({ trueNow: () => 0, wallNow: () => 0 });
  wire.sockets.push(...sockets);
  const wanted = new Wanted();
  wanted.note([TOKEN], 0, true);
  if (more.unwanted !== undefined) wanted.note([TOKEN], more.unwanted * 1000, false);
  const asked = new Asked();
  asked.note([TOKEN], 0, more.mode ?? 'full');
  if (more.asked !== undefined) asked.note([TOKEN], more.asked * 1000);
  const arrivals = new Arrivals(wire.sockets, log, 0);
  const states = new MergedStates(log, 0, (apiKey) => apiKey, arrivals);
  const stream = recordOf(items.map(([at, item]) => [at * 1000, item]));
  const facts = {
    sent: states,
    arrivals,
    wire,
    wanted,
    asked,
    keys: new TickKeys(),
    pauses: new Pauses((more.sleeps ?? []).map(([from, to]) => ({ from: from * 1000, to: to * 1000 }))),
    longestWayMs: 100,
    hasWorkers: more.hasWorkers ?? false,
  };
  return judgeMerged(stream, facts).failures.map(({ rule }) => rule);
}

/** A state as it is handed over. */
const state = (n: number, mode: Mode = 'full', price?: number, account = 'a'): Item => ({
  type: 'ticks',
  ticks: decodeFrame(encodeFrame([packet(n, mode, price)])),
  receivedAt: 0,
  from: { account, channelId: 0 },
});
const gap = (account: string, more: Partial<Gap> = {}): Item => ({
  type: 'gap',
  gap: { from: 1500, to: 3500, reason: 'cut', ...more },
  from: { account, channelId: 0 },
});

describe('a merged stream is sound', () => {
  test('where each state came once and in order, whichever account brought it', () => {
    expect(
      broken(BOTH, [
        [1, state(1)],
        [2, state(2)],
        [3, state(3)],
        [4, state(4)],
      ]),
    ).toEqual([]);
  });

  test('where accounts are shown different states, and all of them came', () => {
    const sent = [
      { at: 1, a: 1, n: 1 },
      { at: 2, b: 2, n: 2 },
      { at: 3, a: 3, n: 3 },
    ];
    expect(
      broken(sent, [
        [1, state(1)],
        [2, state(2, 'full', undefined, 'b')],
        [3, state(3)],
      ]),
    ).toEqual([]);
    // And not where one of them is said to come from another account.
    expect(
      broken(sent, [
        [1, state(1)],
        [2, state(2)],
        [3, state(3)],
      ]),
    ).toEqual(['origin-wrong']);
  });

  test('where a state came in its greatest form, whether or not in a lesser one as well', () => {
    const sent: Sent[] = [
      { at: 1, a: 1, b: 1.2, n: 1, mode: 'quote' },
      { at: 1, a: 1, b: 1.2, n: 1, mode: 'full' },
      { at: 2, b: 2, n: 2, mode: 'quote' },
      { at: 2, b: 2, n: 2, mode: 'full' },
    ];
    expect(
      broken(sent, [
        [1, state(1, 'quote')],
        [1, state(1)],
        [2, state(2, 'full', undefined, 'b')],
      ]),
    ).toEqual([]);
  });

  test('where what came too late lies in a gap of its instrument', () => {
    const sent = [
      { at: 1, a: 1, b: 1, n: 1 },
      { at: 2, b: 2.8, n: 2 },
      { at: 2.4, a: 2.5, b: 2.8, n: 3 },
      { at: 5, a: 5, b: 5, n: 4 },
    ];
    const items: [number, Item][] = [
      [1, state(1)],
      [2.6, state(3)],
      [2.9, gap('b', { from: 2800, to: 2800, instrumentTokens: [TOKEN] })],
      [5, state(4)],
    ];
    expect(broken(sent, items)).toEqual([]);
    expect(broken(sent, [items[0]!, items[1]!, items[3]!])).toEqual(['lost']);
  });

  test('where an I/O worker hands over late, and what it hands over later is told before anything newer', () => {
    const sent = [
      { at: 1, a: 1, b: 1, n: 1 },
      { at: 2, b: 2, n: 2 },
      { at: 2.4, a: 2.5, n: 3 },
      { at: 5, a: 5, b: 5, n: 4 },
      { at: 6, a: 6, n: 5 },
    ];
    const late = gap('b', { from: 2000, to: 2000, instrumentTokens: [TOKEN] });
    const items = (account: string, toldAt: number): [number, Item][] => [
      [1, state(1)],
      [2.5, state(3)],
      [5, state(4, 'full', undefined, account)],
      ...(toldAt < 6 ? [[toldAt, late] as [number, Item]] : []),
      [6, state(5)],
      ...(toldAt > 6 ? [[toldAt, late] as [number, Item]] : []),
    ];
    expect(broken(sent, items('a', 6.5))).toEqual(['lost']);
    expect(broken(sent, items('a', 6.5), { hasWorkers: true })).toEqual([]);
    expect(broken(sent, items('b', 6.5), { hasWorkers: true })).toEqual(['lost']);
    expect(broken(sent, items('b', 5.5), { hasWorkers: true })).toEqual([]);
    expect(broken(sent, items('a', 6.5).slice(0, -1), { hasWorkers: true })).toEqual(['lost']);
  });

  test('where what still waited for its turn is given up as its instrument is unsubscribed', () => {
    const sent = [
      { at: 1, a: 1, b: 1, n: 1 },
      { at: 1.5, b: 2, n: 2 },
      { at: 2, a: 1.9, n: 3 },
    ];
    const items = [[1, state(1)] as const, [2, state(3)] as const];
    expect(broken(sent, items, { unwanted: 2.2 })).toEqual([]);
    expect(broken(sent, items, { unwanted: 2.5 })).toEqual(['lost']);
  });

  test('where a state comes again because the program has asked again, or after every account was lost', () => {
    const again: Sent[] = [
      { at: 1, a: 1, n: 1 },
      { at: 3, a: 3, n: 1 },
      { at: 4, a: 4, n: 2 },
    ];
    const items: [number, Item][] = [
      [1, state(1)],
      [3, state(1)],
      [4, state(2)],
    ];
    expect(broken(again, items)).toEqual(['repeated']);
    expect(broken(again, items, { asked: 2 })).toEqual([]);
    expect(broken(again, items, { endedA: 2, newA: 2.5 })).toEqual([]);
  });

  test.each([
    ['had brought the instrument', 1],
    ['had never brought it', null],
  ])('where a gap is told when the last account turns out to have been lost, which %s', (_, b) => {
    const sent: Sent[] = [
      { at: 1, a: 1, b, n: 1 },
      { at: 2.5, b: null, n: 2 },
      { at: 3, a: 3, n: 3 },
      { at: 5, a: 5, n: 4 },
    ];
    const lost = gap('b', { to: 3000, instrumentTokens: [TOKEN] });
    const more = { endedA: 2, newA: 3, endedB: 4 };
    const items = [[1, state(1)] as const, [3, state(3)] as const];
    expect(broken(sent, [...items, [4, lost], [5, state(4)]], more)).toEqual([]);
    expect(broken(sent, [...items, [5, state(4)], [6, lost]], more)).toEqual(['lost']);
    expect(broken(sent, [...items, [5, state(4)]], more)).toEqual(['lost']);
  });

  test('where a state comes only over a connection on which the instrument is no longer', () => {
    const sent: Sent[] = [
      { at: 1, a: 1, b: 1, n: 1 },
      { at: 2, b: 4, n: 2 },
      { at: 3, a: 3, n: 3 },
      { at: 5, a: 5, n: 4 },
    ];
    const items = [[1, state(1)] as const, [3, state(3)] as const, [5, state(4)] as const];
    expect(broken(sent, items, { leftB: 3.5 })).toEqual([]);
    expect(broken(sent, items, { leftB: 4.5 })).toEqual(['lost']);
  });

  test('where only prices are wanted, and one that stays comes once or more', () => {
    const sent: Sent[] = [1, 2, 3].map((n) => ({
      at: n,
      a: n,
      b: n,
      n,
      mode: 'ltp',
      price: n === 3 ? 2 : 1,
    }));
    const price = (n: number): Item => state(n, 'ltp', n);
    const once: [number, Item][] = [
      [1, price(1)],
      [3, price(2)],
    ];
    expect(broken(sent, once, { mode: 'ltp' })).toEqual([]);
    expect(broken(sent, [once[0]!, [2, price(1)], once[1]!], { mode: 'ltp' })).toEqual([]);
  });
});

/** Accounts that are shown different prices: account a brings 2 after account b did, and then 1 again. */
const PRICES: readonly Sent[] = [
  { at: 1, a: 1, b: 1, n: 1, price: 1 },
  { at: 2, b: 2, n: 2, price: 2 },
  { at: 2.1, a: 2.2, n: 3, price: 3 },
  { at: 2.2, a: 2.4, n: 4, price: 2 },
  { at: 9, a: 9, b: 9, n: 5, price: 4 },
].map((one): Sent => ({ ...one, mode: 'ltp' }));

describe('of a price alone', () => {
  const price = (value: number, account = 'a'): Item => state(0, 'ltp', value, account);
  const late = gap('a', { from: 2200, to: 2200, instrumentTokens: [TOKEN] });

  test('nobody can tell whether it is the one that another account was shown', () => {
    const items: [number, Item][] = [
      [1, price(1)],
      [2, price(2, 'b')],
      [2.3, late],
      [9, price(4)],
    ];
    expect(broken(PRICES, items, { mode: 'ltp' })).toEqual([]);
    expect(broken(PRICES, [items[0]!, items[1]!, items[3]!], { mode: 'ltp' })).toEqual(['lost']);
  });

  test('nor is it known where another account streams, and is under way', () => {
    const sent = [
      { at: 1, a: 1, n: 1, price: 1 },
      { at: 2, b: 4, n: 2, price: 2 },
      { at: 3, a: 3, n: 3, price: 1 },
      { at: 9, a: 9, b: 9, n: 4, price: 3 },
    ].map((one): Sent => ({ ...one, mode: 'ltp' }));
    const items: [number, Item][] = [
      [1, price(1)],
      [4, price(2, 'b')],
      [9, price(3)],
    ];
    expect(broken(sent, items, { mode: 'ltp' })).toEqual([]);
  });

  test('it is missing where every account was shown it', () => {
    const sent = [1, 2, 1, 3].map((value, n): Sent => ({
      at: n + 1,
      a: n + 1,
      b: n + 1,
      n,
      mode: 'ltp',
      price: value,
    }));
    const items: [number, Item][] = [
      [1, price(1)],
      [2, price(2)],
      [3, price(1)],
      [4, price(3)],
    ];
    expect(broken(sent, items, { mode: 'ltp' })).toEqual([]);
    expect(broken(sent, [items[0]!, items[1]!, items[3]!], { mode: 'ltp' })).toEqual(['lost']);
  });
});

describe('while the client sleeps', () => {
  const price = (value: number, account = 'a'): Item => state(0, 'ltp', value, account);

  test('what waits for its turn waits on, and is told when it wakes', () => {
    const sent: Sent[] = [
      { at: 1, a: 1, b: 1, n: 1 },
      { at: 2, b: 2.1, n: 2 },
      { at: 2, a: 20, n: 3 },
      { at: 21, a: 21, b: 21, n: 4 },
    ];
    const items: [number, Item][] = [
      [1, state(1)],
      [20, state(3)],
      [20, gap('b', { from: 2100, to: 2100, instrumentTokens: [TOKEN] })],
      [21, state(4)],
    ];
    const sleeps = [[2.2, 20]] as const;
    expect(broken(sent, items, { sleeps })).toEqual([]);
    expect(broken(sent, items)).toEqual(['lost']);
    expect(broken(sent, [items[0]!, items[1]!, items[3]!], { sleeps })).toEqual(['lost']);
  });

  test('it forgets no price', () => {
    const sent = [
      { at: 1, a: 1, b: 1, n: 1, price: 1 },
      { at: 2, a: 2, n: 2, price: 2 },
      { at: 60, b: 60, n: 3, price: 2 },
      { at: 61, a: 61, b: 61, n: 4, price: 3 },
    ].map((one): Sent => ({ ...one, mode: 'ltp' }));
    const items: [number, Item][] = [
      [1, price(1)],
      [2, price(2)],
      [61, price(3)],
    ];
    expect(broken(sent, items, { mode: 'ltp', sleeps: [[3, 59]] })).toEqual([]);
    const twice: [number, number][] = [
      [3, 20],
      [25, 59],
    ];
    expect(broken(sent, items, { mode: 'ltp', sleeps: twice })).toEqual([]);
  });
});

test('a price that came long ago is not what is delivered now', () => {
  const sent = [
    { at: 1, a: 1, b: 1, n: 1, price: 1 },
    { at: 2, b: 2, n: 2, price: 2 },
    { at: 50, a: 50, b: 50, n: 3, price: 2 },
    { at: 90, a: 90, b: 90, n: 4, price: 3 },
  ].map((one): Sent => ({ ...one, mode: 'ltp' }));
  const price = (value: number): Item => state(0, 'ltp', value, 'b');
  const items: [number, Item][] = [
    [1, price(1)],
    [2.4, gap('b', { from: 2000, to: 2000, instrumentTokens: [TOKEN] })],
    [50, price(2)],
    [90, price(3)],
  ];
  expect(broken(sent, items, { mode: 'ltp' })).toEqual([]);
});

/** A burst that account b is shown alone, with prices 2 to 5, before a state of both with the price 3. */
const BURST: readonly Sent[] = [
  { at: 1, a: 1, b: 1, n: 1, price: 1 },
  ...[2, 3, 4, 5].map((price) => ({ at: 2, b: 2.2, n: price, price })),
  { at: 2.1, a: 2.1, b: 2.2, n: 6, price: 3 },
  { at: 9, a: 9, b: 9, n: 7, price: 9 },
].map((one): Sent => ({ ...one, mode: 'ltp' }));

describe('of prices that accounts are shown differently', () => {
  const price = (value: number, account = 'b'): Item => state(0, 'ltp', value, account);
  const late = gap('b', { from: 2200, to: 2200, instrumentTokens: [TOKEN] });
  /** Account a brings 3 first: the one of the burst is taken for its copy, and what follows is new. */
  const taken: [number, Item][] = [
    [1, price(1)],
    [2.1, price(3, 'a')],
    [2.2, late],
    [2.2, price(4)],
    [2.2, price(5)],
    [2.2, price(3)],
    [9, price(9)],
  ];

  test('each may be any state with its price, in the order of the market', () => {
    expect(broken(BURST, taken, { mode: 'ltp' })).toEqual([]);
    const swapped = [...taken.slice(0, 3), taken[4]!, taken[3]!, ...taken.slice(5)];
    expect(broken(BURST, swapped, { mode: 'ltp' })).toEqual(['turned-back']);
  });

  test('none comes more often than the market had it', () => {
    const often = [...taken.slice(0, 6), [2.3, price(3)] as [number, Item], ...taken.slice(6)];
    expect(broken(BURST, often, { mode: 'ltp' })).toEqual(['repeated']);
  });

  test('as many are delivered or told as there were', () => {
    const untold = taken.filter(([, item]) => item !== late);
    expect(broken(BURST, untold, { mode: 'ltp' })).toEqual(['lost']);
  });

  test('each was shown by the account that it names', () => {
    const named = taken.map(([at, item], index): [number, Item] => [at, index === 3 ? price(4, 'a') : item]);
    expect(broken(BURST, named, { mode: 'ltp' })).toEqual(['origin-wrong']);
  });

  test('where the time or the volume is wanted as well, none of this is excused', () => {
    const full = BURST.map((one): Sent => ({ ...one, mode: 'full' }));
    const items = taken.map(([at, item]): [number, Item] => {
      if (item.type !== 'ticks') return [at, item];
      const { lastPrice } = item.ticks[0]!;
      const n = lastPrice === 3 ? 6 : lastPrice === 9 ? 7 : lastPrice;
      return [at, state(n, 'full', lastPrice, item.from.account)];
    });
    expect(new Set(broken(full, items))).toEqual(new Set(['turned-back', 'repeated']));
  });
});

describe('a merged stream breaks a rule', () => {
  const delivered: [number, Item][] = BOTH.map(({ at, n }) => [at, state(n)]);
  const and = (at: number, item: Item): [number, Item][] =>
    [...delivered, [at, item] as [number, Item]].sort((one, other) => one[0] - other[0]);

  test('where a state that any account had is missing', () => {
    expect(
      broken(
        BOTH,
        delivered.filter((_, index) => index !== 1),
      ),
    ).toEqual(['lost']);
    const sampled = [
      { at: 1, a: 1, b: 1, n: 1 },
      { at: 2, b: 2, n: 2 },
      { at: 3, a: 3, b: 3, n: 3 },
    ];
    expect(
      broken(sampled, [
        [1, state(1)],
        [3, state(3)],
      ]),
    ).toEqual(['lost']);
  });

  test('where one account alone was away, and a state that another one brought is missing', () => {
    const items: [number, Item][] = [delivered[0]!, [3.5, gap('a')], delivered[3]!];
    const sent = BOTH.map((one) => (one.at === 2 || one.at === 3 ? { ...one, a: null } : one));
    expect(broken(sent, items)).toEqual(['lost', 'lost']);
  });

  test('where every account was away, and nothing says so', () => {
    const sent = [
      { at: 1, a: 1, n: 1 },
      { at: 2, a: null, n: 2 },
      { at: 3, a: 3, n: 3 },
    ];
    const items: [number, Item][] = [
      [1, state(1)],
      [3, state(3)],
    ];
    const cut = { endedA: 2.2, newA: 2.5 };
    expect(broken(sent, items, cut)).toEqual(['lost']);
    expect(broken(sent, [items[0]!, [2.6, gap('a')], items[1]!], cut)).toEqual([]);
  });

  test('where only a dead account was sent a state, before another one had begun', () => {
    const dead: Sent = { at: 3, a: null, n: 20 };
    const sent = (begin: Sent): Sent[] =>
      [{ at: 1, a: 1, n: 10 }, dead, begin, { at: 6, b: 6, n: 40 }].sort((one, other) => one.at - other.at);
    const items = ({ n }: Sent): [number, Item][] => [
      [1, state(10)],
      [4, state(n, 'full', 1, 'b')],
      [6, state(40, 'full', 1, 'b')],
    ];
    const before = { at: 2, b: 4, n: 15 };
    const after = { at: 3.5, b: 4, n: 30 };
    expect(broken(sent(after), items(after), { endedA: 5 })).toEqual(['lost']);
    expect(broken(sent(before), items(before), { endedA: 5 })).toEqual([]);
  });

  test('where a state comes twice, or after a newer one', () => {
    expect(broken(BOTH, and(2.5, state(2)))).toEqual(['repeated']);
    expect(broken(BOTH, and(3.5, state(2)))).toEqual(['turned-back']);
  });

  test('where the greatest form of a state is missing', () => {
    const sent: Sent[] = [
      { at: 1, a: 1, b: 1, n: 1, mode: 'quote' },
      { at: 1, a: 1, b: 1, n: 1, mode: 'full' },
      { at: 2, a: 2, b: 2, n: 2 },
    ];
    expect(
      broken(sent, [
        [1, state(1, 'quote')],
        [2, state(2)],
      ]),
    ).toEqual(['lost']);
  });

  test('where a state comes that was never sent', () => {
    expect(broken(BOTH, and(2.5, state(9)))).toEqual(['invented']);
  });
});
