import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test, vi } from 'vitest';
import { fullFrame, INFY, ltpFrame, settled } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('every close is paced', () => {
  test.each([
    { code: 1000, reason: 'bye' },
    { code: 1006, reason: '' },
    { code: 1011, reason: 'oops' },
  ])('$code included', async ({ code, reason }) => {
    await using b = bench();
    const socket = await b.open();
    socket.drop(code, reason);
    expect(b.messages.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_LOST', closeCode: code },
      retryInMs: 2000,
    });
    await b.clock.advance(1999);
    expect(b.transport.sockets).toHaveLength(1);
    await b.clock.advance(1);
    expect(b.transport.sockets).toHaveLength(2);
  });

  test('and only a state that waits says how long', async () => {
    await using b = bench();
    const socket = await b.open();
    socket.drop();
    await b.clock.advance(2000);
    b.transport.last.open();
    const waits = b.messages.flatMap((one) => (one.type === 'state' ? [[one.state, one.retryInMs]] : []));
    expect(waits).toEqual([
      ['connecting', undefined],
      ['open', undefined],
      ['waiting', 2000],
      ['connecting', undefined],
      ['open', undefined],
    ]);
  });

  test('a server that accepts and closes at once is met by growing delays', async () => {
    await using b = bench({ random: () => 1 - 2 ** -53 });
    const dialledAt: number[] = [];
    b.transport.onDial = (socket) => {
      dialledAt.push(b.clock.monotonic());
      socket.open();
      socket.drop(1000);
    };
    b.begin();
    await b.clock.advance(120_000);
    const pauses = dialledAt.slice(1).map((at, index) => Math.round(at - dialledAt[index]!));
    expect(pauses.slice(0, 5)).toEqual([4000, 8000, 16_000, 30_000, 30_000]);
  });

  test('a retry that is late after a blocked loop is made at once', async () => {
    await using b = bench();
    (await b.open()).drop();
    b.clock.block(10_000);
    await settled();
    expect(b.transport.sockets).toHaveLength(2);
  });
});

test('429: every rateLimitDelayMs, without end', async () => {
  await using b = bench({ rateLimitDelayMs: 10_000 });
  b.transport.onDial = (socket) => {
    socket.refuse(429);
  };
  b.begin();
  await b.clock.advance(0);
  expect(b.messages.at(-1)).toMatchObject({
    state: 'waiting',
    error: { code: 'KITE_CONNECTION_RATE_LIMITED', status: 429 },
  });
  await b.clock.advance(9999);
  expect(b.transport.sockets).toHaveLength(1);
  await b.clock.advance(1);
  expect(b.transport.sockets).toHaveLength(2);
  await b.clock.advance(600_000);
  expect(b.transport.sockets).toHaveLength(62);
});

describe('a socket of the past', () => {
  test('does not let an old connection subscribe on a new socket, nor speak, nor end it', async () => {
    await using b = bench();
    const old = await b.open();
    old.drop();
    const fresh = await b.reopen();
    const before = b.messages.length;
    old.listener.opened();
    old.binary(ltpFrame([INFY]));
    old.text({ type: 'message', data: 'late' });
    old.listener.pong();
    old.listener.ended({ kind: 'refused', status: 403 });
    await b.ticker.subscribe([INFY]);
    expect(old.sent).toEqual([]);
    expect(fresh.sent).toHaveLength(1);
    expect(b.messages).toHaveLength(before);
    expect(b.ticker.isConnected()).toBe(true);
  });

  test('whose handshake timed out may still open, and nobody cares', async () => {
    await using b = bench({ connectionTimeoutMs: 1000 });
    b.begin();
    await b.clock.advance(1000);
    b.transport.last.open();
    expect(b.ticker.state).toBe('waiting');
  });
});

test('what happens inside is told on the diagnostics channels', async () => {
  const told: unknown[] = [];
  const note = (message: unknown, name: string | symbol): void => {
    told.push([String(name).replace('kite:connection:', ''), message]);
  };
  const names = ['open', 'close', 'reconnect', 'lag'].map((name) => `kite:connection:${name}`);
  for (const name of names) subscribe(name, note);
  try {
    await using b = bench();
    (await b.open()).drop(1001, 'restart');
    await b.reopen();
    await b.ticker.close();
    expect(told).toEqual([
      ['open', { channelId: 0 }],
      ['close', { channelId: 0, reason: expect.stringContaining('1001 (restart)') as unknown }],
      ['open', { channelId: 0 }],
      [
        'reconnect',
        {
          channelId: 0,
          from: expect.any(Number) as unknown,
          to: expect.any(Number) as unknown,
          reason: expect.stringContaining('1001') as unknown,
        },
      ],
      ['close', { channelId: 0, reason: 'closing' }],
    ]);
  } finally {
    for (const name of names) unsubscribe(name, note);
  }
});

test('a full trading day of drops leaves no timer, no listener call and no socket behind', async () => {
  const b = bench();
  const called = vi.fn();
  b.ticker.on('ticks', called);
  let socket = await b.open();
  for (let drop = 0; drop < 50; drop++) {
    socket.binary(fullFrame([INFY]));
    await b.clock.advance(6000);
    socket.drop();
    socket = await b.reopen();
  }
  expect(called).toHaveBeenCalledTimes(50);
  expect(b.ticker.getStats()).toMatchObject({ reconnects: 50, messagesReceived: 50, ticksReceived: 50 });
  await b.ticker.close();
  expect(b.clock.pending).toBe(0);
});
