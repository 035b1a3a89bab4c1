import { afterEach, describe, expect, test, vi } from 'vitest';
import { FrameDecoder, type TickerMessage } from '@kite/connection';
import { fullFrame, INFY, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a frame is decoded once, and only if somebody asks', () => {
  test('with nobody there, with raw consumers and with listeners of other kinds: never', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using b = bench();
    const socket = await b.open();
    const raw = [b.ticker.subscribeRawFrames(), b.ticker.subscribeFullRaw()];
    b.ticker.on('frame', () => undefined);
    socket.binary(fullFrame([INFY, RELIANCE]));
    expect(decode).not.toHaveBeenCalled();
    expect(raw.map(({ size }) => size)).toEqual([1, 2]);
    expect(b.ticker.getStats()).toMatchObject({ messagesReceived: 1, messagesParsed: 0, ticksReceived: 2 });
  });

  test('for any number of consumers: once', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using b = bench();
    const socket = await b.open();
    b.ticker.messages();
    b.ticker.ticks();
    b.ticker.ticks({ overflow: 'conflate' });
    b.ticker.on('ticks', () => undefined);
    b.ticker.on('ticks', () => undefined);
    socket.binary(ltpFrame([INFY]));
    expect(decode).toHaveBeenCalledOnce();
  });

  test('and no longer once the last of them has gone', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using b = bench();
    const socket = await b.open();
    const channel = b.ticker.ticks();
    const stop = b.ticker.on('ticks', () => undefined);
    channel.close();
    stop();
    socket.binary(ltpFrame([INFY]));
    expect(decode).not.toHaveBeenCalled();
  });

  test('with rawOnly: never, and anyone who asks for ticks is refused', async () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    await using b = bench({ rawOnly: true });
    const refusal = expect.objectContaining({ code: 'KITE_CONNECTION_RAW_ONLY' }) as Error;
    expect(() => b.ticker.ticks()).toThrow(refusal);
    expect(() => b.ticker.on('ticks', () => undefined)).toThrow(refusal);
    const messages = b.ticker.messages();
    const socket = await b.open();
    socket.binary(ltpFrame([INFY]));
    socket.text({ type: 'message', data: 'hello' });
    const types: string[] = [];
    while (messages.size > 0) types.push(String((await messages.recv())?.type));
    expect(types).toEqual(['state', 'state', 'message']);
    expect(decode).not.toHaveBeenCalled();
  });
});

test('a listener hears the frame, then its ticks, before any channel has them', async () => {
  await using b = bench();
  const socket = await b.open();
  const channel = b.ticker.ticks();
  const heard: unknown[] = [];
  b.ticker.on('ticks', ({ ticks, receivedAt }) =>
    heard.push(['ticks', ticks.length, receivedAt, channel.size]),
  );
  b.ticker.on('frame', ({ bytes, dropped }) => heard.push(['frame', bytes.length, dropped]));
  socket.binary(ltpFrame([INFY, RELIANCE]));
  expect(heard).toEqual([
    ['frame', 22, 0],
    ['ticks', 2, b.clock.now(), 0],
  ]);
  expect(channel.size).toBe(1);
});

test('a heartbeat is a frame to raw consumers, and nothing to the others', async () => {
  await using b = bench();
  const socket = await b.open();
  const [raw, ticks, full] = [b.ticker.subscribeRawFrames(), b.ticker.ticks(), b.ticker.subscribeFullRaw()];
  socket.heartbeat();
  expect([raw.size, ticks.size, full.size]).toEqual([1, 0, 0]);
  expect(b.ticker.getStats()).toMatchObject({
    messagesReceived: 1,
    bytesReceived: 1,
    ticksReceived: 0,
    errorsCount: 0,
  });
});

describe('text', () => {
  const ORDER = { order_id: '1', status: 'COMPLETE', tag: null };

  test.each<[string, unknown, Partial<TickerMessage>]>([
    ['order postback', { type: 'order', data: ORDER }, { type: 'order', order: ORDER }],
    ['error', { type: 'error', data: 'Error parsing' }, { type: 'error', message: 'Error parsing' }],
    ['broadcast', { type: 'message', data: { a: 1 } }, { type: 'message', data: { a: 1 } }],
    [
      'instruments_meta',
      { type: 'instruments_meta', data: { count: 1, etag: 'x' } },
      { type: 'instruments-meta', count: 1, etag: 'x' },
    ],
    [
      'app_code, without data',
      { type: 'app_code', timestamp: '2025-08-04T13:50:28+05:30' },
      { type: 'unknown', data: { type: 'app-code', timestamp: '2025-08-04T13:50:28+05:30' } },
    ],
    ['unknown type', { type: 'new', data: 1 }, { type: 'unknown', data: { type: 'new', data: 1 } }],
    ['no JSON', '<html>', { type: 'unknown', data: '<html>' }],
    ['nothing', '', { type: 'unknown', data: '' }],
  ])('%s is a message of its own', async (_what, text, message) => {
    await using b = bench();
    const socket = await b.open();
    socket.text(text);
    expect(b.messages.at(-1)).toEqual({ ...message, channelId: 0, receivedAt: b.clock.now() });
  });
});

describe('a malformed frame', () => {
  test('is an issue, costs its neighbours nothing, and the connection nothing', async () => {
    await using b = bench();
    const socket = await b.open();
    const ticks = b.ticker.ticks();
    socket.binary(ltpFrame([INFY, RELIANCE]).subarray(0, 20));
    expect(b.messages.at(-1)).toMatchObject({ type: 'issue', issue: { kind: 'truncated', packetIndex: 1 } });
    expect(await ticks.recv()).toMatchObject({ ticks: [{ instrumentToken: INFY }] });
    expect(b.ticker.isConnected()).toBe(true);
    expect(b.ticker.getStats().errorsCount).toBe(1);
  });

  test('of an unknown segment is told once, not for each of a day of its ticks', async () => {
    await using b = bench();
    const socket = await b.open();
    b.ticker.ticks();
    const unknown = 0x1234_00ff;
    for (let count = 0; count < 5; count++) socket.binary(ltpFrame([unknown, unknown + 256]));
    socket.binary(ltpFrame([unknown - 1]));
    const issues = b.messages.filter(({ type }) => type === 'issue');
    expect(issues).toMatchObject([
      { issue: { kind: 'unknown-segment', segment: 255 } },
      { issue: { kind: 'unknown-segment', segment: 254 } },
    ]);
  });
});

describe('a listener that fails', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('ha');
      },
      /'ticks' failed: ha/,
    ],
    [
      'throws what has no text',
      () => {
        throw Object.create(null);
      },
      /'ticks' failed: a value/,
    ],
    ['rejects', async () => Promise.reject(new Error('later')), /'ticks' failed: later/],
  ])('because it %s is contained and told as an issue', async (_what, listener, message) => {
    await using b = bench();
    const socket = await b.open();
    const ticks = b.ticker.ticks();
    const other = vi.fn();
    b.ticker.on('ticks', listener);
    b.ticker.on('ticks', other);
    socket.binary(ltpFrame([INFY]));
    await settled();
    expect([other.mock.calls.length, ticks.size, b.ticker.isConnected()]).toEqual([1, 1, true]);
    expect(b.messages.at(-1)).toMatchObject({
      type: 'issue',
      issue: { code: 'KITE_CONNECTION_LISTENER_FAILED', message: expect.stringMatching(message) as unknown },
    });
  });

  test('of state does not stop the connection', async () => {
    await using b = bench();
    b.ticker.on('state', () => {
      throw new Error('ha');
    });
    (await b.open()).drop();
    await b.reopen();
    expect(b.ticker.isConnected()).toBe(true);
  });

  test('of issue is not told of its own failure without end', async () => {
    await using b = bench();
    const socket = await b.open();
    b.ticker.on('issue', () => {
      throw new Error('ha');
    });
    b.ticker.ticks();
    socket.binary(ltpFrame([INFY]).subarray(0, 5));
    expect(b.ticker.getStats().errorsCount).toBe(2);
  });
});

describe('on()', () => {
  test.each(['tick', 'close', '', 'toString', undefined])(
    'refuses the event %j, which would never come',
    (type) => {
      const { ticker } = bench();
      expect(() => ticker.on(type as 'ticks', () => undefined)).toThrow(
        expect.objectContaining({
          ...{ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'type', value: type },
          allowed:
            'ticks, order, error, message, state, gap, instruments-meta, lagged, issue, unknown, frame',
        }),
      );
    },
  );

  test('refuses a listener that cannot be called', () => {
    const { ticker } = bench();
    expect(() => ticker.on('ticks', {} as () => void)).toThrow(
      expect.objectContaining({
        code: 'KITE_CONNECTION_INVALID_OPTION',
        field: 'listener',
        allowed: 'a function',
      }),
    );
  });
});

describe('getStats()', () => {
  test('before anything happened: zeros and nulls, plain and safe for JSON', () => {
    const { ticker } = bench();
    const stats = ticker.getStats();
    expect(stats).toEqual({
      ...{ connectionId: 0, state: 'idle', isConnected: false, symbolCount: 0, messagesReceived: 0 },
      ...{
        messagesParsed: 0,
        ticksReceived: 0,
        bytesReceived: 0,
        errorsCount: 0,
        reconnects: 0,
        droppedTicks: 0,
      },
      ...{ lastMessageAt: null, lastFrameAgeMs: null, messagesPerSecond: 0, averageLatencyMs: null },
      connectionUptimeMs: null,
    });
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
  });

  test('takes ages and rates from the monotonic clock: a clock on the wall that jumps changes neither', async () => {
    await using b = bench();
    const socket = await b.open();
    for (let beat = 0; beat < 10; beat++) {
      await b.clock.advance(500);
      socket.heartbeat();
    }
    const { messagesPerSecond } = b.ticker.getStats();
    expect(messagesPerSecond).toBeGreaterThan(1);
    for (const backMs of [3_600_000, -7_200_000]) {
      b.clock.setBack(backMs);
      expect(b.ticker.getStats()).toMatchObject({ lastFrameAgeMs: 0, messagesPerSecond });
    }
    await b.clock.advance(500);
    expect(b.ticker.getStats().lastFrameAgeMs).toBe(500);
  });

  test('counts what came, what was lost and what went wrong', async () => {
    await using b = bench();
    await b.ticker.subscribe([INFY, RELIANCE]);
    const socket = await b.open();
    const slow = b.ticker.ticks({ capacity: 1 });
    const frames = [ltpFrame([INFY]), fullFrame([INFY, RELIANCE]), Uint8Array.of(0)];
    for (const frame of frames) {
      await b.clock.advance(500);
      socket.binary(frame);
    }
    socket.text({ type: 'error', data: 'no' });
    const lastAt = b.clock.now();
    await b.clock.advance(250);
    const stats = b.ticker.getStats();
    expect(stats).toMatchObject({
      ...{
        state: 'open',
        isConnected: true,
        symbolCount: 2,
        messagesReceived: 4,
        messagesParsed: 4,
        ticksReceived: 3,
      },
      bytesReceived: frames[0]!.length + frames[1]!.length + 1 + '{"type":"error","data":"no"}'.length,
      ...{ errorsCount: 1, reconnects: 0, droppedTicks: 1, lastMessageAt: lastAt, lastFrameAgeMs: 250 },
      ...{ averageLatencyMs: 0, connectionUptimeMs: 1750 },
    });
    expect(slow.dropped).toBe(1);
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
    socket.drop();
    expect(b.ticker.getStats()).toMatchObject({
      state: 'waiting',
      isConnected: false,
      connectionUptimeMs: null,
      errorsCount: 2,
    });
  });

  test('counts the same ticks whether they are decoded or not', async () => {
    await using raw = bench({ apiKey: 'one' });
    await using decoding = bench({ apiKey: 'two' });
    const sockets = [await raw.open(), await decoding.open()];
    raw.ticker.subscribeRawFrames();
    decoding.ticker.ticks();
    for (const socket of sockets) {
      socket.heartbeat();
      socket.binary(ltpFrame([INFY]));
      socket.binary(fullFrame([INFY, RELIANCE]));
    }
    expect(raw.ticker.getStats().ticksReceived).toBe(3);
    expect(decoding.ticker.getStats().ticksReceived).toBe(3);
  });
});
