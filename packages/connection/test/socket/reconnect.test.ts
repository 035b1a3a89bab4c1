import { describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Clock, systemClock } from '@kite/connection';
import { eventually, INFY, NIFTY, ofType, RELIANCE, requestsOf } from '@kite/testkit';

import { openBench, states } from '../support/connection-bench.js';

describe('a server that is down', () => {
  test('is dialled again for as many attempts as it takes, while connect() stays pending', async () => {
    await using bench = await openBench();
    await bench.simulator.pause();
    const ticker = bench.ticker();
    const failures: (string | undefined)[] = [];
    ticker.on('state', ({ error }) => error && failures.push(error.code));
    const connected = ticker.connect();
    await eventually(() => expect(failures.length).toBeGreaterThan(8));
    expect(new Set(failures)).toEqual(new Set(['KITE_CONNECTION_LOST']));
    await bench.simulator.resume();
    await connected;
    expect(ticker.isConnected()).toBe(true);
  });

  test('that goes down and comes back costs a gap, and no subscription', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    await ticker.changeMode([RELIANCE], 'full');
    await bench.simulator.pause();
    await eventually(() =>
      expect(states(messages).filter((state) => state === 'waiting').length).toBeGreaterThan(4),
    );
    const ticksBefore = ofType(messages, 'ticks').length;
    await bench.simulator.resume();
    await eventually(() => expect(ofType(messages, 'ticks').length).toBeGreaterThan(ticksBefore));
    expect(ofType(messages, 'gap')).toHaveLength(1);
    expect([...bench.simulator.connections[0]!.book]).toEqual([
      [INFY, 'quote'],
      [RELIANCE, 'full'],
    ]);
    expect(ticker.getStats()).toMatchObject({ reconnects: 1, state: 'open' });
  });

  test('is given up after maxReconnectAttempts, and found again by connect()', async () => {
    await using bench = await openBench();
    await bench.simulator.pause();
    const ticker = bench.ticker({ maxReconnectAttempts: 2 });
    await expect(ticker.connect()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
      attempts: 3,
      cause: { code: 'KITE_CONNECTION_LOST' },
    });
    expect(ticker.state).toBe('failed');
    await bench.simulator.resume();
    await ticker.connect();
    expect(ticker.isConnected()).toBe(true);
  });

  test('that never finishes a handshake is left after connectionTimeoutMs', async () => {
    await using bench = await openBench({ handshakeDelayMs: Infinity });
    const ticker = bench.ticker({ connectionTimeoutMs: 150 });
    const failures: (string | undefined)[] = [];
    ticker.on('state', ({ error }) => error && failures.push(error.code));
    const connected = ticker.connect();
    await eventually(() => expect(failures.length).toBeGreaterThan(1));
    expect(new Set(failures)).toEqual(new Set(['KITE_CONNECTION_HANDSHAKE_TIMEOUT']));
    bench.simulator.heal();
    await connected;
  });

  test('that answers with 5xx is tried again, and the error has the status', async () => {
    await using bench = await openBench();
    bench.simulator.refuse(2, 503);
    const ticker = bench.ticker();
    const failures: unknown[] = [];
    ticker.on('state', ({ error }) => error && failures.push(error));
    await ticker.connect();
    expect(failures).toMatchObject([
      { code: 'KITE_CONNECTION_REFUSED', status: 503 },
      { code: 'KITE_CONNECTION_REFUSED', status: 503 },
    ]);
    expect(bench.simulator.handshakes.map(({ status }) => status)).toEqual([503, 503, 101]);
  });
});

describe('a server that accepts and closes at once', () => {
  test.each([
    ['cleanly', 1000],
    ['going away', 1001],
    ['with a code of its own', 4001],
  ])('%s is paced, and each time counts as a failure in a row', async (_how, code) => {
    await using bench = await openBench();
    const { simulator } = bench;
    const delays: number[] = [];
    const clock: Clock = {
      ...systemClock,
      setTimeout: (callback, delayMs) => {
        if (delayMs < 100) delays.push(delayMs);
        return systemClock.setTimeout(callback, delayMs);
      },
    };
    simulator.on('open', ({ connection }) => void simulator.close(code, 'not now', connection.id));
    const ticker = bench.ticker({
      clock,
      random: () => 0.5,
      maxReconnectAttempts: 5,
      reconnectDelayMs: 2,
      maxReconnectDelayMs: 20,
      stableAfterMs: 10_000,
    });
    const errors: unknown[] = [];
    ticker.on('state', ({ error }) => error && errors.push(error));
    await ticker.connect();
    await eventually(() => expect(ticker.state).toBe('failed'));
    expect(errors.slice(0, -1)).toMatchObject(
      Array(5).fill({ code: 'KITE_CONNECTION_LOST', closeCode: code }),
    );
    expect(errors.at(-1)).toMatchObject({ code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED', attempts: 6 });
    // Half way between 2 and a ceiling of 4, 8, 16, and then 20.
    expect(delays).toEqual([3, 5, 9, 11, 11]);
    expect(simulator.handshakes).toHaveLength(6);
  });

  test('is forgiven once it has stayed up for stableAfterMs and delivered', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const ticker = bench.ticker({ maxReconnectAttempts: 1, stableAfterMs: 10 });
    const messages: string[] = [];
    ticker.on('state', ({ state }) => messages.push(state));
    await ticker.connect();
    for (let times = 1; times <= 4; times++) {
      await eventually(() => expect(ticker.getStats().connectionUptimeMs).toBeGreaterThan(150));
      await eventually(() => expect(ticker.getStats().messagesReceived).toBeGreaterThan(0));
      simulator.drop();
      await eventually(() => expect(simulator.handshakes).toHaveLength(times + 1));
      await eventually(() => expect(ticker.isConnected()).toBe(true));
    }
    expect(messages).not.toContain('failed');
  });
});

describe('a connection that dies', () => {
  test.each([
    ['stall: no heartbeat and no tick any more, though the socket stands', 'stall'],
    ['blackhole: a half-open peer, which answers nothing', 'blackhole'],
  ] as const)(
    '%s: it is terminated and replaced, and the gap stands before the first new tick',
    async (_how, fault) => {
      await using bench = await openBench();
      const { simulator } = bench;
      const { ticker, messages } = await bench.open({ heartbeatLivenessThresholdMs: 250 });
      const batches = ticker.ticks();
      const frames = ticker.subscribeRawFrames();
      simulator[fault]();
      messages.length = 0;
      await eventually(() => expect(ofType(messages, 'ticks')).not.toHaveLength(0));

      const lost = ofType(messages, 'state').find(({ error }) => error);
      expect(lost).toMatchObject({ state: 'waiting', error: { code: 'KITE_CONNECTION_SILENT' } });
      const kinds = messages.map(({ type }) => type);
      expect(kinds.indexOf('gap')).toBeGreaterThan(kinds.indexOf('state'));
      expect(kinds.indexOf('gap')).toBeLessThan(kinds.indexOf('ticks'));
      const [gap] = ofType(messages, 'gap');
      expect(gap!.reason).toContain('250 ms');
      expect(gap!.to).toBeGreaterThan(gap!.from);

      // And so for every other kind of consumer.
      expect((await batches.recv())?.gap).toMatchObject({
        reason: gap!.reason,
        from: gap!.from,
        to: gap!.to,
      });
      let frame = await frames.recv();
      while (frame && !frame.gap) frame = await frames.recv();
      expect(frame?.gap).toEqual({ from: gap!.from, to: gap!.to, reason: gap!.reason });
      // Terminated, not closed: the server's side of the old socket is gone as well.
      await eventually(() => expect(simulator.connections).toHaveLength(1));
    },
  );

  test('drop: reset by the network, with 1006 and a gap', async () => {
    await using bench = await openBench();
    const { messages } = await bench.open();
    bench.simulator.drop();
    await eventually(() => expect(ofType(messages, 'gap')).toHaveLength(1));
    const { error } = ofType(messages, 'state').find(({ state }) => state === 'waiting')!;
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_LOST', closeCode: 1006 });
    expect(ofType(messages, 'gap')[0]!.reason).toBe(error!.message);
  });

  test('heartbeats alone keep it alive over many thresholds', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open({ heartbeatLivenessThresholdMs: 400 });
    await eventually(() => expect(ticker.getStats().connectionUptimeMs).toBeGreaterThan(1200));
    expect(states(messages)).toEqual(['connecting', 'open']);
  });

  test('pings of the server are signs of life, and are answered', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await using bench = await openBench();
    try {
      let pongs = 0;
      server.on('connection', (socket: WebSocket) => {
        const beat = setInterval(() => socket.ping('are you there?'), 5);
        socket.on('close', () => clearInterval(beat));
        socket.on('pong', (data) => (pongs += Number(data.toString() === 'are you there?')));
      });
      await eventually(() => expect(server.address()).toBeTypeOf('object'));
      const { port } = server.address() as { port: number };
      const ticker = bench.ticker({ url: `ws://127.0.0.1:${port}`, heartbeatLivenessThresholdMs: 400 });
      await ticker.connect();
      await eventually(() => expect(ticker.getStats().connectionUptimeMs).toBeGreaterThan(1000));
      expect(ticker.getStats()).toMatchObject({ errorsCount: 0, messagesReceived: 0, reconnects: 0 });
      expect(pongs).toBeGreaterThan(10);
      await ticker.close();
    } finally {
      for (const client of server.clients) client.terminate();
      server.close();
    }
  });

  test('ping() measures the way there and back, and rejects when the connection dies instead', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    expect(await ticker.ping()).toBeGreaterThanOrEqual(0);
    bench.simulator.blackhole();
    const unanswered = ticker.ping();
    bench.simulator.drop();
    await expect(unanswered).rejects.toMatchObject({ code: 'KITE_CONNECTION_NOT_OPEN' });
  });
});

describe('a reconnect', () => {
  test('replays with one subscribe and one mode request for each mode in use that is not the default of the server', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const ticker = bench.ticker();
    const tokens = simulator.instruments.slice(0, 3000).map(({ instrumentToken }) => instrumentToken);
    await ticker.connect();
    await ticker.subscribe(tokens.slice(0, 1000), 'ltp');
    await ticker.subscribe(tokens.slice(1000, 2000), 'quote');
    await ticker.subscribe(tokens.slice(2000), 'full');
    const expected = new Map(ticker.subscriptions);
    expect(expected.size).toBe(3000);
    simulator.drop();
    await eventually(() =>
      expect(requestsOf(simulator.connections.at(-1))).toEqual([
        'subscribe ×3000',
        'mode ltp ×1000',
        'mode full ×1000',
      ]),
    );
    expect(new Map(simulator.connections[0]!.book)).toEqual(expected);
  });

  test('streams what was changed while it was down, and nothing that was taken back', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const { ticker } = await bench.open();
    await simulator.pause();
    await eventually(() => expect(ticker.isConnected()).toBe(false));
    const before = simulator.requests.length;
    await ticker.unsubscribe([INFY]);
    await ticker.subscribe([NIFTY, 5633], 'ltp');
    await ticker.changeMode([5633, RELIANCE], 'full');
    await simulator.resume();
    await eventually(() => expect(simulator.connections).toHaveLength(1));
    await eventually(() =>
      expect(Object.fromEntries(simulator.connections[0]!.book)).toEqual({
        [RELIANCE]: 'full',
        [NIFTY]: 'ltp',
        5633: 'full',
      }),
    );
    expect(simulator.requests.length - before).toBe(3);
  });
});
