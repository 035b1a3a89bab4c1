import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test, vi } from 'vitest';
import { deferred } from '@kite/kit';
import { ACCESS_TOKEN, fullFrame, INFY, ltpFrame, settled, standing } from '@kite/testkit';

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

describe('the desired state', () => {
  test('is recorded before connect(), and told with the fewest requests on every connect', async () => {
    await using b = bench({ defaultMode: 'ltp' });
    await b.ticker.subscribe([1, 2]);
    await b.ticker.subscribe([3], 'quote');
    await b.ticker.subscribe([4], 'full');
    const requests = [
      { a: 'subscribe', v: [1, 2, 3, 4] },
      { a: 'mode', v: ['ltp', [1, 2]] },
      { a: 'mode', v: ['full', [4]] },
    ];
    const first = await b.open();
    expect(first.requests).toEqual(requests);
    first.drop();
    expect((await b.reopen()).requests).toEqual(requests);
  });

  test('takes changes while it waits', async () => {
    await using b = bench();
    await b.ticker.subscribe([1, 2]);
    (await b.open()).drop();
    await b.ticker.unsubscribe([1]);
    await b.ticker.changeMode([2], 'full');
    await b.ticker.subscribe([5]);
    expect((await b.reopen()).requests).toEqual([
      { a: 'subscribe', v: [2, 5] },
      { a: 'mode', v: ['full', [2]] },
    ]);
  });

  test('what a listener of open subscribes is sent after the replay, and once', async () => {
    await using b = bench();
    await b.ticker.subscribe([1]);
    b.ticker.on('state', ({ state }) => {
      if (state === 'open') void b.ticker.subscribe([1, 2]);
    });
    expect((await b.open()).requests).toEqual([
      { a: 'subscribe', v: [1] },
      { a: 'subscribe', v: [2] },
    ]);
  });

  test('is sent at once while open; nothing is sent for what changes nothing', async () => {
    await using b = bench();
    const socket = await b.open();
    const calls = [
      () => b.ticker.subscribe([1, 2]),
      () => b.ticker.changeMode([1], 'ltp'),
      () => b.ticker.unsubscribe([2, 3]),
      () => b.ticker.unsubscribeAll(),
    ];
    for (const call of calls) {
      await call();
      await call();
      await b.clock.advance(1);
    }
    expect(socket.requests).toEqual([
      { a: 'subscribe', v: [1, 2] },
      { a: 'mode', v: ['ltp', [1]] },
      { a: 'unsubscribe', v: [2] },
      { a: 'unsubscribe', v: [1] },
    ]);
    expect(b.ticker.subscriptions.size).toBe(0);
  });
});

test('what calls that await each other change in one turn is sent in two steps: at once for the first, together for the others', async () => {
  await using b = bench();
  const socket = await b.open();
  for (let token = 1; token <= 500; token++) {
    await b.ticker.subscribe([token]);
    expect(socket.requests).toHaveLength(1);
  }
  await b.clock.advance(1);
  expect(socket.requests).toMatchObject([{ v: [1] }, { v: { length: 499 } }]);
});

describe('bad input is refused before it reaches the wire, and changes nothing', () => {
  test.each([
    ['a string', ['408065'], 'tokens[0]'],
    ['a fraction', [1.5], 'tokens[0]'],
    ['a negative one', [1, -1], 'tokens[1]'],
    ['zero', [0], 'tokens[0]'],
    ['one that is too large', [2 ** 32], 'tokens[0]'],
    ['a nested list', [[1]], 'tokens[0]'],
    ['no list', 408065, 'tokens'],
    ['nothing', undefined, 'tokens'],
  ])('%s', async (_what, tokens, field) => {
    await using b = bench();
    const socket = await b.open();
    await b.ticker.subscribe([7]);
    const given = tokens as number[];
    for (const act of [
      () => b.ticker.subscribe(given),
      () => b.ticker.unsubscribe(given),
      () => b.ticker.changeMode(given, 'full'),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'KITE_PROTOCOL_INVALID_TOKEN', field });
    }
    expect(socket.sent).toHaveLength(1);
    expect([...b.ticker.subscriptions]).toEqual([[7, 'quote']]);
  });

  test('an unknown mode, more than 3000 instruments, the mode of what is not subscribed', async () => {
    await using b = bench();
    const socket = await b.open();
    await expect(b.ticker.subscribe([1], 'Full' as 'full')).rejects.toMatchObject({
      code: 'KITE_PROTOCOL_INVALID_MODE',
    });
    await expect(b.ticker.changeMode([1], 'FULL' as 'full')).rejects.toMatchObject({
      code: 'KITE_PROTOCOL_INVALID_MODE',
    });
    await expect(
      b.ticker.subscribe(Array.from({ length: 3001 }, (_, index) => index + 1)),
    ).rejects.toMatchObject({
      ...{ code: 'KITE_CONNECTION_CAPACITY', requested: 3001, available: 3000 },
    });
    await expect(b.ticker.changeMode([1, 2], 'full')).rejects.toMatchObject({
      ...{ code: 'KITE_CONNECTION_NOT_SUBSCRIBED', tokens: [1, 2] },
    });
    expect([socket.sent, b.ticker.subscriptions.size]).toEqual([[], 0]);
  });
});

describe('a gap', () => {
  test('covers both times, and all of the outage, where the clock on the wall is set back meanwhile', async () => {
    await using b = bench();
    const first = await b.open();
    first.binary(ltpFrame([INFY], 1));
    const [from, since] = [b.clock.now(), b.clock.monotonic()];
    first.drop(1006, '');
    b.clock.setBack(3_600_000);
    await b.reopen();
    const lastedMs = b.clock.monotonic() - since;
    expect(lastedMs).toBeGreaterThan(0);
    expect(b.messages.filter(({ type }) => type === 'gap')).toMatchObject([
      { from: b.clock.now() - lastedMs, to: from },
    ]);
  });

  test('is told after every reconnect, before the first new tick, from the last sign of data to the new open', async () => {
    await using b = bench();
    const first = await b.open();
    const channel = b.ticker.messages();
    const ticks = b.ticker.ticks();
    const raw = b.ticker.subscribeRawFrames();
    await b.clock.advance(1000);
    first.binary(ltpFrame([INFY], 1));
    const from = b.clock.now();
    await b.clock.advance(500);
    first.drop(1006, '');
    const second = await b.reopen();
    const to = b.clock.now();
    second.binary(ltpFrame([INFY], 2));
    const gap = { from, to, reason: expect.stringContaining('1006') as unknown };

    const order: string[] = [];
    while (channel.size > 0) {
      const message = await channel.recv();
      order.push(message?.type === 'state' ? message.state : String(message?.type));
    }
    expect(order).toEqual(['ticks', 'waiting', 'connecting', 'open', 'gap', 'ticks']);
    expect(b.messages.filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', channelId: 0, receivedAt: to, ...gap },
    ]);
    expect(await ticks.recv()).not.toHaveProperty('gap');
    expect(await ticks.recv()).toMatchObject({ gap });
    expect(await raw.recv()).not.toHaveProperty('gap');
    expect(await raw.recv()).toMatchObject({ gap });
  });

  test('begins at the open where nothing ever flowed, and each reconnect has its own', async () => {
    await using b = bench();
    const openedAt = b.clock.now();
    (await b.open()).drop();
    (await b.reopen()).drop();
    const reopenedAt = b.clock.now();
    await b.reopen();
    expect(b.messages.filter(({ type }) => type === 'gap')).toMatchObject([
      { from: openedAt, to: reopenedAt },
      { from: reopenedAt },
    ]);
  });

  test('spans a failure that new credentials ended', async () => {
    await using b = bench();
    const from = b.clock.now();
    const socket = await b.open();
    b.transport.onDial = (next) => {
      if (next.query.get('access_token') === 'fresh') next.open();
      else next.refuse(403);
    };
    socket.drop();
    await b.clock.advance(3_600_000);
    expect(b.ticker.state).toBe('failed');
    await b.ticker.updateCredentials({ accessToken: 'fresh' });
    await settled();
    expect(b.messages.at(-1)).toMatchObject({
      type: 'gap',
      from,
      to: b.clock.now(),
      reason: expect.stringContaining('403') as unknown,
    });
  });
});

describe('403', () => {
  test('with a provider: the same token is dialled every unauthorizedRetryDelayMs, and asked for before each', async () => {
    let asked = 0;
    await using b = bench({ accessToken: () => `same${asked++ && ''}` });
    b.transport.onDial = (socket) => {
      socket.refuse(403);
    };
    const connected = b.ticker.connect();
    await b.clock.advance(0);
    const counts: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      counts.push(b.transport.sockets.length);
      await b.clock.advance(60_000);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toBeGreaterThanOrEqual(2 * b.transport.sockets.length - 2);
    expect(await standing(connected)).toBe('pending');
    expect(b.states).not.toContain('failed');
    b.transport.onDial = (socket) => {
      socket.open();
    };
    await b.clock.advance(60_000);
    await connected;
  });

  test('with a provider: another token is dialled at the normal pace', async () => {
    let token = 'old';
    await using b = bench({ accessToken: () => token });
    b.begin();
    await settled();
    b.transport.last.refuse(403);
    token = 'new';
    await b.clock.advance(2000);
    expect(b.transport.sockets.map(({ query }) => query.get('access_token'))).toEqual(['old', 'new']);
    b.transport.last.open();
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

describe('a token provider', () => {
  test.each([
    ['rejects', async () => Promise.reject(new Error('vault is sealed'))],
    [
      'throws',
      () => {
        throw new Error('vault is sealed');
      },
    ],
    ['gives nothing', () => undefined as unknown as string],
  ])('that %s is a failed attempt, asked again at the normal pace', async (_what, provider) => {
    let asked = 0;
    await using b = bench({
      accessToken: () => {
        asked++;
        return provider();
      },
    });
    b.begin();
    await settled();
    expect(b.messages.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_TOKEN_FAILED' },
    });
    await b.clock.advance(1999);
    expect(asked).toBe(1);
    await b.clock.advance(1);
    expect(asked).toBe(2);
    expect(b.transport.sockets).toEqual([]);
  });

  test('that hangs is a timeout, and is called again only after ten timeouts', async () => {
    const calls: ReturnType<typeof deferred<string>>[] = [];
    await using b = bench({
      connectionTimeoutMs: 5000,
      accessToken: () => {
        const call = deferred<string>();
        calls.push(call);
        return call.promise;
      },
    });
    const connected = b.ticker.connect();
    await b.clock.advance(5000);
    expect(b.messages.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_TOKEN_TIMEOUT' },
    });
    await b.clock.advance(44_000);
    expect(calls).toHaveLength(1);
    await b.clock.advance(10_000);
    expect(calls).toHaveLength(2);
    b.transport.onDial = (socket) => {
      socket.open();
    };
    calls[0]?.resolve('too-late');
    calls[1]?.resolve('at-last');
    await b.clock.advance(10_000);
    await connected;
    expect(b.transport.last.query.get('access_token')).toBe('at-last');
    expect(calls).toHaveLength(2);
  });
});

describe('updateCredentials()', () => {
  const fresh = { accessToken: 'fresh' };

  test('while idle or closed is for the next connect', async () => {
    await using b = bench();
    await b.ticker.updateCredentials({ apiKey: 'fresh-key', ...fresh });
    expect(b.ticker.state).toBe('idle');
    const socket = await b.open();
    expect([socket.query.get('api_key'), socket.query.get('access_token')]).toEqual(['fresh-key', 'fresh']);
    await b.ticker.close();
    await b.ticker.updateCredentials({ accessToken: 'fresher' });
    expect(b.ticker.state).toBe('closed');
    expect((await b.open()).query.get('access_token')).toBe('fresher');
  });

  test.each([400, 403])(
    'while connecting: the attempt is begun anew, and a late %i is no verdict',
    async (status) => {
      await using b = bench();
      const connected = b.ticker.connect();
      await settled();
      const old = b.transport.last;
      await b.ticker.updateCredentials(fresh);
      await settled();
      expect([old.isTerminated, b.transport.sockets.length]).toEqual([true, 2]);
      old.refuse(status);
      expect(b.states).toEqual(['connecting', 'connecting']);
      expect(b.transport.last.query.get('access_token')).toBe('fresh');
      b.transport.last.open();
      await connected;
    },
  );

  test('while open: the stream goes on, and the next connect has them', async () => {
    await using b = bench();
    const socket = await b.open();
    await b.ticker.updateCredentials(fresh);
    expect([b.ticker.isConnected(), socket.isClosing, socket.isTerminated]).toEqual([true, false, false]);
    socket.drop();
    expect((await b.reopen()).query.get('access_token')).toBe('fresh');
  });

  test('while it waits for another token: at once', async () => {
    await using b = bench({ accessToken: () => 'stale' });
    b.transport.onDial = (socket) => {
      if (socket.query.get('access_token') === 'stale') socket.refuse(403);
      else socket.open();
    };
    const connected = b.ticker.connect();
    await b.clock.advance(10_000);
    expect(b.ticker.state).toBe('waiting');
    await b.ticker.updateCredentials(fresh);
    await settled();
    await connected;
  });

  test('while it waits for the network: at once', async () => {
    await using b = bench();
    (await b.open()).drop();
    await b.ticker.updateCredentials(fresh);
    await settled();
    expect(b.transport.sockets).toHaveLength(2);
    expect(b.transport.last.query.get('access_token')).toBe('fresh');
  });

  test('while closing: closes', async () => {
    await using b = bench();
    const socket = await b.open();
    socket.isMute = true;
    const closed = b.ticker.close();
    await b.ticker.updateCredentials(fresh);
    await b.clock.advance(2000);
    await closed;
    expect([b.ticker.state, b.transport.sockets.length]).toEqual(['closed', 1]);
  });

  test('when failed: opens again by itself', async () => {
    await using b = bench();
    const connected = b.ticker.connect();
    await settled();
    b.transport.last.refuse(403);
    await connected.catch(() => undefined);
    await b.ticker.updateCredentials(fresh);
    await settled();
    b.transport.last.open();
    expect(b.ticker.isConnected()).toBe(true);
  });

  test.each([{}, { accessToken: '' }, { apiKey: 42, accessToken: 't' }, undefined, null, 'fresh'])(
    'with %j is refused, as a rejection, and changes nothing',
    async (given) => {
      await using b = bench();
      await expect(b.ticker.updateCredentials(given as { accessToken: string })).rejects.toMatchObject({
        code: 'KITE_CONNECTION_INVALID_OPTION',
      });
      expect((await b.open()).query.get('access_token')).toBe(ACCESS_TOKEN);
    },
  );
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
