import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { FrameDecoder, isKiteError, KiteError, type TickerMessage } from '@kite/connection';
import { encodeFrame } from '@kite/protocol';
import { API_KEY, collect, eventually, INFY, NIFTY, ofType, RELIANCE } from '@kite/testkit';

import { openBench, states } from '../support/connection-bench.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The kinds of malformed packets that were reported. */
function issues(messages: readonly TickerMessage[]): string[] {
  return ofType(messages, 'issue').map(({ issue }) => (isKiteError(issue) ? issue.code : issue.kind));
}

describe('broken binary messages', () => {
  test('of garbage are reported, and end nothing', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    bench.simulator.sendBinary(Uint8Array.from({ length: 500 }, (_, index) => (index * 7919 + 13) % 251));
    bench.simulator.sendBinary(Uint8Array.of());
    bench.simulator.sendBinary(Uint8Array.of(0xff, 0xff));
    bench.simulator.sendBinary(Uint8Array.of(0, 1, 0, 3, 1, 2, 3));
    await eventually(() =>
      expect(new Set(issues(messages))).toEqual(new Set(['unknown-length', 'truncated'])),
    );
    const before = ofType(messages, 'ticks').length;
    bench.simulator.burst(2);
    await eventually(() => expect(ofType(messages, 'ticks').length).toBe(before + 1));
    expect(states(messages)).toEqual(['connecting', 'open']);
    expect(ticker.getStats().errorsCount).toBe(issues(messages).length);
  });

  test('cut short give the whole packets before the cut', async () => {
    await using bench = await openBench();
    const { messages } = await bench.open();
    const frame = encodeFrame([
      { mode: 'ltp', instrumentToken: INFY, segment: 1, tradable: true, lastPrice: 1573.15 },
      { mode: 'ltp', instrumentToken: RELIANCE, segment: 1, tradable: true, lastPrice: 2412.5 },
    ]);
    messages.length = 0;
    bench.simulator.sendBinary(frame.subarray(0, -1));
    await eventually(() => expect(issues(messages)).toEqual(['truncated']));
    await eventually(() =>
      expect(ofType(messages, 'ticks')[0]?.ticks).toEqual([
        { mode: 'ltp', instrumentToken: INFY, segment: 1, tradable: true, lastPrice: 1573.15 },
      ]),
    );
  });

  test('of a wire that flips bits and cuts frames for a while cost neither the connection nor what comes after', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const { ticker, messages } = await bench.open();
    simulator.corrupt();
    simulator.truncate(0.5);
    for (let frame = 0; frame < 200; frame++) simulator.burst(5);
    simulator.heal();
    messages.length = 0;
    simulator.burst(2);
    await ticker.ping();
    await eventually(() =>
      expect(
        ofType(messages, 'ticks')
          .at(-1)
          ?.ticks.map(({ instrumentToken }) => instrumentToken),
      ).toEqual([INFY, RELIANCE]),
    );
    expect(ticker.state).toBe('open');
    expect(simulator.handshakes).toHaveLength(1);
  });

  test('of an unknown segment are decoded, and told of once', async () => {
    await using bench = await openBench();
    const { messages } = await bench.open();
    const instrumentToken = 256 * 1000 + 77;
    const frame = encodeFrame([
      { mode: 'ltp', instrumentToken, segment: 77, tradable: true, lastPrice: 12.5 },
    ]);
    messages.length = 0;
    for (let times = 0; times < 3; times++) bench.simulator.sendBinary(frame);
    await eventually(() => expect(ofType(messages, 'ticks')).toHaveLength(3));
    expect(issues(messages)).toEqual(['unknown-segment']);
    expect(ofType(messages, 'ticks')[2]!.ticks).toMatchObject([{ instrumentToken, lastPrice: 12.5 }]);
  });
});

describe('messages in WebSocket fragments', () => {
  test.each([2, 3, 50])('%i of them arrive as one, binary and text', async (fragments) => {
    await using bench = await openBench();
    const { simulator } = bench;
    simulator.fragment(fragments);
    const { ticker, messages } = await bench.open();
    await ticker.changeMode([INFY, RELIANCE], 'full');
    await ticker.ping();
    const order = simulator.postOrder(API_KEY);
    simulator.burst(40);
    await eventually(() => expect(ofType(messages, 'ticks').at(-1)?.ticks).toHaveLength(40));
    expect(ofType(messages, 'order').map((message) => message.order)).toEqual([order]);
    expect(issues(messages)).toEqual([]);
  });
});

describe('an oversized message', () => {
  test('ends the connection, which is opened again', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open({ maxPayloadBytes: 4096 });
    bench.simulator.sendBinary(new Uint8Array(4096));
    await ticker.ping();
    expect(ticker.isConnected()).toBe(true);
    bench.simulator.sendBinary(new Uint8Array(4097));
    await eventually(() => expect(ofType(messages, 'gap')).toHaveLength(1));
    const { error } = ofType(messages, 'state').find(({ state }) => state === 'waiting')!;
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_LOST', cause: { message: /payload/i } });
    await eventually(() => expect(bench.simulator.connections).toHaveLength(1));
  });

  test('does not hold the largest legal frame back: 3000 full packets', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const frames = ticker.subscribeRawFrames();
    await ticker.connect();
    bench.simulator.sendBinary(new Uint8Array(2 + 3000 * (2 + 184)));
    let frame = await frames.recv();
    while (frame?.bytes.length === 1) frame = await frames.recv();
    expect(frame?.bytes).toHaveLength(558_002);
    expect(ticker.isConnected()).toBe(true);
  });
});

describe('a peer that breaks the rules of WebSocket', () => {
  test.each([
    ['a reserved opcode', [0x83, 0x00]],
    ['a mask', [0x82, 0x81, 1, 2, 3, 4, 5]],
    ['text that is no UTF-8', [0x81, 0x02, 0xc3, 0x28]],
    ['compression that nobody had agreed to', [0xc2, 0x01, 0x00]],
    ['the answer of a web server', [...Buffer.from('HTTP/1.1 500 Oops\r\n\r\n')]],
  ])('with %s is left at once, though it says nothing more, and dialled again', async (_what, bytes) => {
    const http = createServer();
    const websockets = new WebSocketServer({ noServer: true });
    const sockets: Duplex[] = [];
    http.on('upgrade', (request, socket: Duplex, head) => {
      sockets.push(socket);
      websockets.handleUpgrade(request, socket, head, () => {
        // Not even the end of the TCP connection is read any more.
        socket.removeAllListeners('data').pause();
        if (sockets.length === 1) socket.write(Buffer.from(bytes));
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    try {
      await using bench = await openBench();
      const { port } = http.address() as AddressInfo;
      const ticker = bench.ticker({ url: `ws://127.0.0.1:${port}/` });
      const errors: unknown[] = [];
      ticker.on('state', ({ error }) => error && errors.push(error));
      await ticker.connect();
      await eventually(() => expect(ticker.getStats().reconnects).toBe(1));
      expect(errors).toMatchObject([{ code: 'KITE_CONNECTION_LOST', cause: expect.any(Error) as Error }]);
    } finally {
      for (const socket of sockets) socket.destroy();
      http.close();
    }
  });
});

describe('text messages', () => {
  test('of every kind arrive, typed and in their order among the ticks', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const { messages } = await bench.open();
    expect(ofType(messages, 'instruments-meta')).toMatchObject([
      { count: simulator.instruments.length, etag: expect.any(String) as string },
    ]);
    expect(ofType(messages, 'unknown').map(({ data }) => data)).toMatchObject([
      { type: 'app-code', timestamp: expect.stringContaining('+05:30') as string },
    ]);
    messages.length = 0;
    const order = simulator.postOrder(API_KEY, {
      status: 'REJECTED',
      status_message: null,
      tag: null,
    });
    simulator.burst(1);
    simulator.sendError("Can't subscribe to more than 3000 instruments.");
    simulator.broadcast({ headline: 'Markets close early' });
    simulator.sendText('{"type":"invention","data":[1,2]}');
    simulator.sendText('not JSON at all');
    simulator.sendText('{"type":"order","data":null}');
    simulator.sendText('');
    await eventually(() => expect(messages.filter(({ type }) => type !== 'ticks')).toHaveLength(7));
    const { receivedAt } = messages[0]!;
    expect(receivedAt).toBeGreaterThan(1_600_000_000_000);
    expect(
      messages.map(({ channelId, receivedAt: at, ...message }) => {
        expect([channelId, at >= receivedAt]).toEqual([0, true]);
        return message.type === 'ticks' ? 'ticks' : message;
      }),
    ).toEqual([
      { type: 'order', order },
      'ticks',
      { type: 'error', message: "Can't subscribe to more than 3000 instruments." },
      { type: 'message', data: { headline: 'Markets close early' } },
      { type: 'unknown', data: { type: 'invention', data: [1, 2] } },
      { type: 'unknown', data: 'not JSON at all' },
      { type: 'unknown', data: { type: 'order', data: null } },
      { type: 'unknown', data: '' },
    ]);
  });

  test('that are errors of the server are counted, and the stream goes on', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    bench.simulator.sendError('Error parsing instrument tokens.');
    await eventually(() => expect(ofType(messages, 'error')).toHaveLength(1));
    expect(ticker.getStats()).toMatchObject({ errorsCount: 1, state: 'open', reconnects: 0 });
  });

  test('that are orders reach every connection of the account, in order', async () => {
    await using bench = await openBench();
    const [one, two] = [await bench.open(), await bench.open()];
    for (const status of ['OPEN', 'UPDATE', 'COMPLETE'])
      bench.simulator.postOrder(API_KEY, { order_id: '1', status });
    for (const { messages } of [one, two])
      await eventually(() =>
        expect(ofType(messages, 'order').map(({ order }) => order.status)).toEqual([
          'OPEN',
          'UPDATE',
          'COMPLETE',
        ]),
      );
  });
});

describe('decoding', () => {
  test('never happens where only raw frames are read, and these are the bytes of the wire', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using bench = await openBench();
    const ticker = bench.ticker();
    const frames = collect(ticker.subscribeRawFrames());
    const seen: Uint8Array[] = [];
    ticker.on('frame', ({ bytes }) => seen.push(bytes));
    const full = ticker.subscribeFullRaw();
    await ticker.subscribe([INFY, NIFTY], 'full');
    await ticker.connect();
    const sent = Uint8Array.of(0, 1, 0, 8, 0, 6, 0x3a, 1, 0, 2, 0x66, 0x83);
    bench.simulator.burst(3);
    bench.simulator.sendBinary(sent);
    await eventually(() => expect(seen.map((bytes) => [...bytes])).toContainEqual([...sent]));
    expect((await full.recv())?.header.instrumentToken).toBe(INFY);
    expect(decode).not.toHaveBeenCalled();
    await eventually(() => expect(frames.map(({ bytes }) => bytes)).toEqual(seen));
    expect(ticker.getStats()).toMatchObject({ errorsCount: 0, droppedTicks: 0 });
    expect(ticker.getStats().ticksReceived).toBeGreaterThanOrEqual(4);
  });

  test('happens once for any number of consumers, and stops when the last one leaves', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using bench = await openBench({ heartbeatIntervalMs: 60_000 });
    const ticker = bench.ticker();
    await ticker.subscribe([INFY]);
    await ticker.connect();
    await ticker.ping();
    const consumers = [ticker.ticks(), ticker.ticks({ overflow: 'conflate' }), ticker.messages()];
    const off = ticker.on('ticks', () => undefined);
    bench.simulator.burst(5);
    await ticker.ping();
    expect(decode).toHaveBeenCalledTimes(1);
    for (const consumer of consumers) consumer.close();
    off();
    bench.simulator.burst(5);
    await ticker.ping();
    expect(decode).toHaveBeenCalledTimes(1);
  });

  test('is refused with rawOnly, and messages() then has everything but ticks', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using bench = await openBench();
    const ticker = bench.ticker({ rawOnly: true });
    expect(() => ticker.ticks()).toThrow(KiteError);
    expect(() => ticker.on('ticks', () => undefined)).toThrow(/raw/);
    const messages = collect(ticker.messages());
    await ticker.subscribe([INFY]);
    await ticker.connect();
    bench.simulator.burst(5);
    bench.simulator.broadcast('hello');
    await eventually(() => expect(ofType(messages, 'message')).toHaveLength(1));
    expect(ofType(messages, 'ticks')).toEqual([]);
    expect(decode).not.toHaveBeenCalled();
  });

  test('gives what was put on the wire, for every kind of tick', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    const messages = collect(ticker.messages());
    const modes = ['ltp', 'quote', 'full'] as const;
    await ticker.connect();
    const tokens = [
      ...new Set(bench.simulator.instruments.map(({ instrumentToken }) => instrumentToken % 256)),
    ].map(
      (segment) =>
        bench.simulator.instruments.find(({ instrumentToken }) => instrumentToken % 256 === segment)!
          .instrumentToken,
    );
    for (const mode of modes) await ticker.subscribe(tokens, mode);
    await bench.caughtUp(ticker, messages);
    messages.length = 0;
    const prices = new Map<number, number>();
    bench.simulator.burst(tokens.length);
    for (const { instrumentToken, lastPrice } of bench.simulator.instruments)
      if (tokens.includes(instrumentToken)) prices.set(instrumentToken, lastPrice);
    await eventually(() => expect(ofType(messages, 'ticks')).not.toHaveLength(0));
    const { ticks } = ofType(messages, 'ticks')[0]!;
    expect(new Map(ticks.map((tick) => [tick.instrumentToken, tick.lastPrice]))).toEqual(prices);
    expect(new Set(ticks.map(({ mode }) => mode))).toEqual(new Set(['full']));
  });
});

describe('ping()', () => {
  test('settles each call where the peer answers several at once', async () => {
    await using bench = await openBench();
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
    await once(server, 'listening');
    try {
      let pings = 0;
      server.on('connection', (peer) => {
        // The peer may answer the newest of many alone.
        peer.on('ping', () => {
          if (++pings === 1) setTimeout(() => peer.pong(), 10);
        });
      });
      const ticker = bench.ticker({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` });
      await ticker.connect();
      const times = await Promise.all([ticker.ping(), ticker.ping(), ticker.ping()]);
      expect(times.every((ms) => ms >= 0)).toBe(true);
      await ticker.close();
    } finally {
      server.close();
    }
  });
});
