import { describe, expect, test } from 'vitest';
import { KiteTicker, Mode } from '@kite/connection';
import { ACCESS_TOKEN, API_KEY, settled, standing, VirtualClock } from '@kite/testkit';

import { FakeTransport } from '../support/fake-transport.js';
import { bench } from '../support/ticker-bench.js';

describe('connect()', () => {
  test('dials with the credentials, the version and the cap on messages, and resolves at the first open', async () => {
    await using b = bench();
    const connected = b.ticker.connect();
    await settled();
    expect(b.ticker.state).toBe('connecting');
    const { request } = b.transport.last;
    expect(request.url).toBe(
      'wss://ws.kite.trade/?api_key=key-of-the-account&access_token=a-day%2Bs%2Ftoken%3D',
    );
    expect(request.headers).toMatchObject({ 'X-Kite-Version': '3' });
    expect(request.maxPayloadBytes).toBe(1024 * 1024);
    expect(await standing(connected)).toBe('pending');
    b.transport.last.open();
    await connected;
    expect(b.ticker.isConnected()).toBe(true);
    expect(b.states).toEqual(['connecting', 'open']);
  });

  test('is followed by subscriptions in the modes of the official client: modeFull, Mode.FULL and their like', async () => {
    await using b = bench();
    const socket = await b.open();
    await b.ticker.subscribe([1], b.ticker.modeFull);
    await b.ticker.subscribe([2], Mode.FULL);
    await b.ticker.subscribe([3], b.ticker.modeLTP);
    await b.ticker.subscribe([4], b.ticker.modeQuote);
    await b.ticker.changeMode([4], Mode.QUOTE);
    expect([...b.ticker.subscriptions]).toEqual([
      ...([
        [1, 'full'],
        [2, 'full'],
        [3, 'ltp'],
        [4, 'quote'],
      ] as const),
    ]);
    expect(socket.requests).not.toContainEqual({ a: 'mode', v: ['quote', [1]] });
  });

  test('twice while connecting is one promise and one dial; while open it resolves at once', async () => {
    await using b = bench();
    const connected = b.ticker.connect();
    expect(b.ticker.connect()).toBe(connected);
    await settled();
    expect(b.ticker.connect()).toBe(connected);
    b.transport.last.open();
    await connected;
    await b.ticker.connect();
    expect(b.transport.sockets).toHaveLength(1);
  });

  test('stays pending over failures that may pass, and is still the same promise', async () => {
    await using b = bench();
    const connected = b.ticker.connect();
    await settled();
    b.transport.last.drop(
      1006,
      '',
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    );
    expect(b.ticker.state).toBe('waiting');
    expect(b.ticker.connect()).toBe(connected);
    await b.clock.advance(2000);
    b.transport.last.refuse(503);
    await b.clock.advance(2000);
    expect(await standing(connected)).toBe('pending');
    b.transport.last.open();
    await connected;
    expect(b.transport.sockets).toHaveLength(3);
  });

  test('does not hurry a connection that waits', async () => {
    await using b = bench();
    b.begin();
    await settled();
    b.transport.last.drop();
    b.begin();
    await b.clock.advance(1999);
    expect(b.transport.sockets).toHaveLength(1);
    await b.clock.advance(1);
    expect(b.transport.sockets).toHaveLength(2);
    b.transport.last.open();
  });

  test.each([
    { status: 403, code: 'KITE_CONNECTION_UNAUTHORIZED' },
    { status: 400, code: 'KITE_CONNECTION_BAD_REQUEST' },
  ])('rejects at once on $status, and says so in the stream', async ({ status, code }) => {
    await using b = bench();
    const connected = b.ticker.connect();
    await settled();
    b.transport.last.refuse(status);
    await expect(connected).rejects.toMatchObject({ code, status });
    expect(b.messages.at(-1)).toMatchObject({ type: 'state', state: 'failed', error: { code, status } });
    expect(b.clock.pending).toBe(0);
  });

  test('rejects when the attempts run out, with the last failure as the cause', async () => {
    await using b = bench({ maxReconnectAttempts: 1 });
    b.transport.onDial = (socket) => {
      socket.refuse(502);
    };
    const connected = b.ticker.connect();
    void connected.catch(() => undefined);
    await b.clock.advance(60_000);
    await expect(connected).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
      attempts: 2,
      cause: { code: 'KITE_CONNECTION_REFUSED', status: 502 },
    });
    expect(b.transport.sockets).toHaveLength(2);
  });

  test('of a fixed token after 403 dials at once, since the caller wants it tried', async () => {
    await using b = bench();
    const first = b.ticker.connect();
    await settled();
    b.transport.last.refuse(403);
    await expect(first).rejects.toMatchObject({ status: 403 });
    const second = b.ticker.connect();
    await settled();
    b.transport.last.open();
    await second;
    expect(b.transport.sockets).toHaveLength(2);
  });

  test('gives a handshake that hangs connectionTimeoutMs, then terminates it and tries again', async () => {
    await using b = bench({ connectionTimeoutMs: 5000 });
    b.begin();
    await b.clock.advance(4999);
    expect(b.transport.last.isTerminated).toBe(false);
    await b.clock.advance(1);
    expect(b.transport.last.isTerminated).toBe(true);
    expect(b.messages.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_HANDSHAKE_TIMEOUT' },
    });
    await b.clock.advance(2000);
    expect(b.transport.sockets).toHaveLength(2);
    b.transport.last.open();
  });

  test('a transport that throws is a failed attempt', async () => {
    const transport = new FakeTransport();
    await using b = bench({
      transport: {
        open: (request, listener) => {
          if (transport.sockets.length > 0) return transport.open(request, listener);
          transport.open(request, listener);
          throw new Error(`cannot dial ${request.url}`);
        },
      },
    });
    const connected = b.ticker.connect();
    await b.clock.advance(2000);
    transport.last.open();
    await connected;
    expect(b.messages[1]).toMatchObject({
      state: 'waiting',
      error: {
        code: 'KITE_CONNECTION_LOST',
        message: expect.stringMatching(/cannot dial wss.*redacted.*redacted/) as unknown,
      },
    });
  });

  test('refuses a fourth connection of one key in this process, and dials nothing', async () => {
    await using one = bench();
    await using two = bench();
    await using three = bench();
    await Promise.all([one.open(), two.open(), three.open()]);
    const four = bench();
    await expect(four.ticker.connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    expect(four.transport.sockets).toEqual([]);
    expect(four.ticker.state).toBe('idle');
    await using other = bench({ apiKey: 'another-key' });
    await other.open();
    await one.ticker.close();
    await four.open();
    await four.ticker.close();
  });

  test('a connection that has failed holds no place of the three', async () => {
    const failed = [bench(), bench(), bench()];
    for (const { ticker, transport } of failed) {
      const connected = ticker.connect();
      await settled();
      transport.last.refuse(403);
      await connected.catch(() => undefined);
    }
    await using b = bench();
    await b.open();
  });
});

describe('connect({ failFast: true })', () => {
  test('rejects with the first failure, and closes then', async () => {
    await using b = bench();
    const connected = b.ticker.connect({ failFast: true });
    await settled();
    b.transport.last.refuse(503);
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_REFUSED', status: 503 });
    expect([b.states, b.clock.pending]).toEqual([['connecting', 'waiting', 'closed'], 0]);
    await b.open();
  });

  test('resolves at the first open, and rejects with a terminal failure', async () => {
    await using b = bench();
    const connected = b.ticker.connect({ failFast: true });
    await settled();
    b.transport.last.open();
    await connected;
    await b.ticker.close();
    const refused = b.ticker.connect({ failFast: true });
    await settled();
    b.transport.last.refuse(400);
    b.transport.last.refuse(400);
    await expect(refused).rejects.toMatchObject({ code: 'KITE_CONNECTION_BAD_REQUEST' });
  });

  test('takes the attempt from nobody else', async () => {
    await using b = bench();
    const patient = b.ticker.connect();
    const hasty = b.ticker.connect({ failFast: true });
    await settled();
    b.transport.last.drop();
    await expect(hasty).rejects.toMatchObject({ code: 'KITE_CONNECTION_LOST' });
    await b.clock.advance(2000);
    b.transport.last.open();
    await patient;
  });

  test('while it waits to reconnect leaves the ticker as it is', async () => {
    await using b = bench();
    (await b.open()).drop();
    const connected = b.ticker.connect({ failFast: true });
    await b.clock.advance(2000);
    b.transport.last.drop();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_LOST' });
    expect(b.ticker.state).toBe('waiting');
  });
});

test('a ticker that is made and never used holds nothing', () => {
  const clock = new VirtualClock();
  new KiteTicker({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, clock, transport: new FakeTransport() });
  expect(clock.pending).toBe(0);
});
