import { describe, expect, test } from 'vitest';
import type { Mode } from '@kite/protocol';

import type { Said } from '../../src/client/client.js';
import { judgeRest, type Rest } from '../../src/oracle/judge-rest.js';
import { Pins } from '../../src/oracle/pins.js';

const modes = (...tokens: readonly number[]): Map<number, Mode> =>
  new Map(tokens.map((token) => [token, 'full']));
const book = (...tokens: readonly number[]) => ({ account: 'account-1', book: modes(...tokens) });

/** Two connections that stream two instruments each, and a client that says so. */
function broken(rest: Partial<Rest> = {}, said: Partial<Said> = {}): string[] {
  return judgeRest({
    at: 0,
    wanted: modes(1, 2, 3, 4),
    open: [book(1, 2), book(3, 4)],
    connections: 2,
    replicas: 1,
    maxSymbols: 10,
    isFresh: false,
    hasMoved: true,
    silent: new Set(),
    heard: new Set([1, 2, 3, 4]),
    ...rest,
    said: {
      subscriptions: modes(1, 2, 3, 4),
      status: 'healthy',
      reasons: [],
      healthyConnections: 2,
      totalSymbols: 4,
      unplacedSymbols: 0,
      darkSymbols: 0,
      unplaced: 0,
      told: told('healthy'),
      toldUnplaced: undefined,
      counts: [],
      silentFor: () => [],
      shown: undefined,
      ...said,
    },
  }).map(({ rule }) => rule);
}

test('a connection that holds instruments that have ended, and no others, may be said to answer no subscription', () => {
  const mute = {
    ...{ status: 'degraded', told: told('degraded'), silentFor: () => [3, 4] },
    reasons: ['connection 2 is open, and has answered no subscription'],
  };
  const silent = { silent: new Set([3, 4]), heard: new Set([1, 2]) };
  expect(broken(silent, mute)).toEqual([]);
  expect(broken(silent, { ...mute, told: told('healthy') })).toEqual([]);
  const one = { ...mute, silentFor: () => [3] };
  expect(broken({ silent: new Set([3]), heard: new Set([1, 2, 4]) }, one)).toEqual(['health-wrong']);
});

const degraded = { status: 'degraded', told: told('degraded'), reasons: ['why'] };
const oneDown = { ...degraded, healthyConnections: 1 };

test('a client that says what the server knows breaks no rule', () => {
  expect(broken()).toEqual([]);
  // With fields that today's client does not have.
  expect(broken({}, { darkSymbols: undefined, unplaced: undefined, told: undefined })).toEqual([]);
});

describe('subscriptions', () => {
  test('are streamed once, in their mode, and only where they are wanted', () => {
    expect(broken({ open: [book(1, 2), book(3, 4, 5)] })).toEqual(['subscriptions-differ']);
    expect(broken({ open: [book(1, 2), book(3, 4, 1)] })).toEqual(['subscriptions-differ']);
    const ltp = {
      account: 'account-1',
      book: new Map<number, Mode>([
        [3, 'ltp'],
        [4, 'full'],
      ]),
    };
    expect(broken({ open: [book(1, 2), ltp] })).toEqual(['subscriptions-differ']);
  });

  test('are those that the client says', () => {
    expect(broken({}, { subscriptions: modes(1, 2, 3) })).toEqual(['subscriptions-differ']);
    expect(broken({}, { totalSymbols: 3 })).toEqual(['health-wrong']);
  });

  test('are held by as many accounts as there are replicas wanted, each once', () => {
    const other = { account: 'account-2', book: modes(1, 2, 3, 4) };
    expect(broken({ open: [book(1, 2, 3, 4), other], replicas: 2 })).toEqual([]);
    expect(broken({ open: [book(1, 2, 3, 4), book(1)], replicas: 2, wanted: modes(1, 2, 3, 4) })).toEqual([
      'subscriptions-differ',
    ]);
  });
});

describe('places', () => {
  const open = [book(1, 2)];

  test('are found for everything, once what is down has had its time to move', () => {
    expect(broken({ open }, { ...oneDown, darkSymbols: 2 })).toEqual(['not-streaming']);
    expect(broken({ open, hasMoved: false }, { ...oneDown, darkSymbols: 2 })).toEqual([]);
    expect(broken({ open: [book(1, 2, 3, 4)] }, oneDown)).toEqual([]);
  });

  test('that are missing make instruments unplaced', () => {
    const full = { open: [book(1, 2, 3)], maxSymbols: 3 };
    expect(broken(full, { ...oneDown, darkSymbols: 1, unplacedSymbols: 1, unplaced: 1 })).toEqual([]);
    expect(broken(full, { ...oneDown, darkSymbols: 1 })).toEqual(['health-wrong']);
    expect(broken({}, { unplacedSymbols: 1, unplaced: 1 })).toEqual(['health-wrong']);
    expect(broken({}, { unplacedSymbols: 0, unplaced: 1 })).toEqual(['health-wrong']);
  });

  test('that are not on a streaming connection are dark', () => {
    expect(broken({ open, hasMoved: false }, { ...oneDown, darkSymbols: 0 })).toEqual(['health-wrong']);
    expect(broken({}, { darkSymbols: 1 })).toEqual(['health-wrong']);
  });

  test('are spread again after an outage of everything', () => {
    const many = Array.from({ length: 40 }, (_, index) => index + 1);
    const crowd = { wanted: modes(...many), maxSymbols: 100 };
    const said = { subscriptions: modes(...many), totalSymbols: 40 };
    const uneven = [book(...many.slice(0, 35)), book(...many.slice(35))];
    expect(broken({ ...crowd, open: uneven, isFresh: true }, said)).toEqual(['badly-spread']);
    expect(broken({ ...crowd, open: uneven }, said)).toEqual([]);
    const even = [book(...many.slice(0, 22)), book(...many.slice(22))];
    expect(broken({ ...crowd, open: even, isFresh: true }, said)).toEqual([]);
  });
});

describe('health', () => {
  test('is critical without a connection, degraded while something is wrong, and healthy else', () => {
    const none = { open: [], hasMoved: false };
    const nothing = { healthyConnections: 0, darkSymbols: 4, reasons: ['why'] };
    expect(broken(none, { ...nothing, status: 'critical', told: told('critical') })).toEqual([]);
    expect(broken(none, { ...nothing, status: 'degraded', told: told('degraded') })).toEqual([
      'health-wrong',
    ]);
    expect(broken({}, degraded)).toEqual(['health-wrong']);
    const dark = { open: [book(1, 2), book(3)], hasMoved: false };
    expect(broken(dark, { ...degraded, darkSymbols: 1 })).toEqual([]);
    expect(broken(dark, { darkSymbols: 1 })).toEqual(['health-wrong']);
    const isInline = { isInline: true };
    expect(broken(isInline, degraded)).toEqual([]);
    expect(broken(isInline)).toEqual(['health-wrong']);
  });

  test('has its reasons, and the number of connections that are open', () => {
    expect(broken({}, { reasons: ['why'] })).toEqual(['health-wrong']);
    const one = { open: [book(1, 2, 3, 4)] };
    expect(broken(one, { ...oneDown, reasons: [] })).toEqual(['health-wrong']);
    expect(broken(one, { ...oneDown, healthyConnections: 2 })).toEqual(['health-wrong']);
  });

  test('was told to who listens', () => {
    expect(broken({}, { told: told('degraded') })).toEqual(['health-wrong']);
    // Nobody was told at once that the channel is read again.
    expect(
      broken({}, { told: told('degraded', 'a channel is full, and nobody has read it for 10 s') }),
    ).toEqual([]);
    expect(broken({}, { toldUnplaced: 0 })).toEqual([]);
    expect(broken({}, { toldUnplaced: 1 })).toEqual(['health-wrong']);
  });
});

test('silent instruments are those that the server never sent since they were subscribed', () => {
  const rest = { silent: new Set([1]), heard: new Set([3, 4]) };
  expect(broken(rest, { silentFor: () => [1] })).toEqual([]);
  // It may have been sent just now.
  expect(broken(rest, { silentFor: () => [1, 2] })).toEqual([]);
  expect(broken(rest)).toEqual(['silent-wrong']);
  expect(broken(rest, { silentFor: () => [1, 3] })).toEqual(['silent-wrong']);
});

function told(status: string, ...reasons: string[]): { status: string; reasons: string[] } {
  return { status, reasons };
}

test('what is pinned to an account is streamed there as well, in its own mode or the higher one', () => {
  const pins = new Pins();
  pins.note('account-1', [1], 0, 'quote');
  const ofAccount = (account: string, ...books: (readonly [number, Mode])[]) => ({
    account,
    book: new Map(books),
  });
  const wanted: Rest['wanted'] = new Map([[1, 'full']]);
  const said = { subscriptions: wanted, totalSymbols: 1 };
  const pinned = { shared: wanted, pins };
  const open = (...books: ReturnType<typeof ofAccount>[]): string[] =>
    broken({ wanted, pinned, open: books, heard: new Set([1]) }, said);
  expect(open(ofAccount('account-1', [1, 'quote']), ofAccount('account-2', [1, 'full']))).toEqual([]);
  expect(open(ofAccount('account-1', [1, 'full']), ofAccount('account-2'))).toEqual([]);
  expect(open(ofAccount('account-1', [1, 'ltp']), ofAccount('account-2', [1, 'full']))).toEqual([
    'subscriptions-differ',
  ]);
  expect(open(ofAccount('account-1', [1, 'quote']), ofAccount('account-2', [1, 'quote']))).toEqual([
    'subscriptions-differ',
  ]);
  const alone = {
    wanted: new Map<number, Mode>([[1, 'quote']]),
    pinned: { shared: new Map<number, Mode>(), pins },
  };
  const elsewhere = [ofAccount('account-1'), ofAccount('account-2', [1, 'quote'])];
  expect(
    broken(
      { ...alone, open: elsewhere, heard: new Set([1]) },
      { subscriptions: alone.wanted, totalSymbols: 1 },
    ),
  ).toEqual(['subscriptions-differ']);
});
