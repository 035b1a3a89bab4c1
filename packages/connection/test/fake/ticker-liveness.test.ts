import { describe, expect, test } from 'vitest';
import { INFY, ltpFrame } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('a peer that goes silent', () => {
  test('is terminated, not closed, and replaced', async () => {
    await using b = bench();
    const socket = await b.open();
    socket.isMute = true;
    await b.clock.advance(11_250);
    expect([socket.isTerminated, socket.isClosing]).toEqual([true, false]);
    expect(b.messages.at(-1)).toMatchObject({ state: 'waiting', error: { code: 'KITE_CONNECTION_SILENT' } });
    await b.reopen();
    expect(b.ticker.isConnected()).toBe(true);
  });

  test.each([
    [
      'heartbeats',
      (socket) => {
        socket.heartbeat();
      },
    ],
    [
      'ticks',
      (socket) => {
        socket.binary(ltpFrame([INFY]));
      },
    ],
    [
      'text',
      (socket) => {
        socket.text({ type: 'message', data: 1 });
      },
    ],
    [
      'pings of the server',
      (socket) => {
        socket.listener.alive();
      },
    ],
    [
      'pongs',
      (socket) => {
        socket.listener.pong();
      },
    ],
  ] satisfies [string, (socket: Awaited<ReturnType<ReturnType<typeof bench>['open']>>) => void][])(
    'is not one that sends %s',
    async (_what, live) => {
      await using b = bench();
      const socket = await b.open();
      for (let second = 0; second < 30; second++) {
        await b.clock.advance(5000);
        live(socket);
      }
      expect(b.ticker.isConnected()).toBe(true);
    },
  );

  test('is not one that nobody listened to, since the event loop was blocked', async () => {
    await using b = bench();
    const socket = await b.open();
    b.clock.block(60_000);
    socket.heartbeat();
    await b.clock.advance(5000);
    expect(b.ticker.isConnected()).toBe(true);
  });
});

describe('ping()', () => {
  test('resolves with the round-trip time; who asks meanwhile shares the ping that is under way', async () => {
    await using b = bench();
    const socket = await b.open();
    const first = b.ticker.ping();
    await b.clock.advance(20);
    const second = b.ticker.ping();
    await b.clock.advance(10);
    socket.listener.pong();
    expect(await Promise.all([first, second])).toEqual([30, 30]);
    expect(socket.pings).toBe(1);
    const third = b.ticker.ping();
    await b.clock.advance(5);
    socket.listener.pong();
    expect(await third).toBe(5);
    expect(socket.pings).toBe(2);
  });

  test('rejects while not open, and when the connection ends before the answer', async () => {
    await using b = bench();
    await expect(b.ticker.ping()).rejects.toMatchObject({ code: 'KITE_CONNECTION_NOT_OPEN' });
    const socket = await b.open();
    const ping = b.ticker.ping();
    socket.drop();
    await expect(ping).rejects.toMatchObject({ code: 'KITE_CONNECTION_NOT_OPEN' });
  });
});
