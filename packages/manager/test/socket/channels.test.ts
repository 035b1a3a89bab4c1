import { describe, expect, test } from 'vitest';
import { asTickRaw, type Channel, ChannelId, decodeFrame, packets, type TickerMessage } from '@kite/manager';
import {
  API_KEY,
  collect,
  eventually,
  INFY,
  instruments,
  NIFTY,
  ofType,
  RELIANCE,
  WAYS,
} from '@kite/testkit';

import { openBench, tokensOf } from '../support/manager-bench.js';

const TOKENS = [NIFTY, INFY, RELIANCE];

describe.each(WAYS)('channels, $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('of each connection carry what that connection says, and the unified one carries all', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const each = manager.getAllChannels();
    expect(each.map(([channelId]) => channelId)).toEqual(ChannelId.all());
    const items = each.map(([, channel]) => collect(channel));
    const one = collect(manager.getChannel(ChannelId.Connection2)!);
    await manager.subscribeSymbols(TOKENS, 'full');
    await eventually(() => expect(new Set(tokensOf(messages))).toEqual(new Set(TOKENS)));
    const distribution = manager.getSymbolDistribution();
    await eventually(() => {
      for (const [index, list] of items.entries()) {
        expect(new Set(tokensOf(list))).toEqual(new Set(distribution[index as ChannelId]));
        expect(new Set(list.map(({ channelId }) => channelId))).toEqual(new Set([index]));
      }
    });
    await eventually(() => expect(tokensOf(one)).toEqual(tokensOf(items[1]!)));
  });

  test('of connections beyond maxConnections are undefined, and none is in the lists', async () => {
    await using bench = await open();
    const { manager } = await bench.start({ maxConnections: 1 });
    for (const channelId of [1, 2, 3, -1, 0.5] as ChannelId[]) {
      expect(manager.getChannel(channelId)).toBeUndefined();
      expect(manager.getRawFrameChannel(channelId)).toBeUndefined();
      expect(manager.getFullRawSubscriber(channelId)).toBeUndefined();
    }
    expect(manager.getAllChannels().map(([channelId]) => channelId)).toEqual([0]);
    expect(manager.getAllRawFrameChannels().map(([channelId]) => channelId)).toEqual([0]);
  });

  test('that were opened before start() see everything from the first state on', async () => {
    await using bench = await open();
    const { messages } = await bench.start({ maxConnections: 1 });
    expect(ofType(messages, 'state').map(({ state }) => state)).toEqual(['connecting', 'open']);
  });

  test('of raw frames carry the bytes of the wire, heartbeats included, and decode nothing', async () => {
    await using bench = await open();
    const manager = bench.manager();
    const frames = manager.getAllRawFrameChannels().map(([, channel]) => collect(channel));
    const full = collect(manager.getFullRawSubscriber(0)!);
    await manager.subscribeSymbols(TOKENS, 'full');
    await manager.start();
    await eventually(() => {
      for (const [channelId, list] of frames.entries()) {
        expect(list.some(({ bytes }) => bytes.length === 1)).toBe(true);
        const seen = list.flatMap(({ bytes }) => decodeFrame(bytes).map((tick) => tick.instrumentToken));
        expect(new Set(seen)).toEqual(new Set(manager.getSymbolDistribution()[channelId as ChannelId]));
      }
    });
    const views = frames[1]!.flatMap(({ bytes }) => [...packets(bytes)].map((body) => asTickRaw(body)));
    expect(views.at(-1)!.header.instrumentToken).toBe(INFY);
    // What is parsed are the two texts that every connection sends after its opening.
    expect(manager.getStats()).toMatchObject({ totalMessagesParsed: 6 });
    // The index has no full packet of an instrument.
    expect(full).toEqual([]);
    await eventually(() =>
      expect(manager.getStats().connectionStats.every(({ ticksReceived }) => ticksReceived >= 1)).toBe(true),
    );
  });

  test('of full packets show the depth of their connection’s instruments alone', async () => {
    await using bench = await open();
    const { manager } = await bench.start({ maxConnections: 2 });
    const views = collect(manager.getFullRawSubscriber(ChannelId.Connection2)!);
    await manager.subscribeSymbols([RELIANCE, INFY], 'full');
    await eventually(() => expect(views.length).toBeGreaterThan(0));
    expect(new Set(views.map(({ header }) => header.instrumentToken))).toEqual(new Set([INFY]));
    expect(views[0]!.depth.buy[0].qty).toBeGreaterThan(0);
    expect(views[0]!.channelId).toBe(ChannelId.Connection2);
  });

  test('of ticks carry batches of all connections, and take only the tokens that were asked for', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const all = collect(manager.ticks());
    const one = collect(manager.ticks({ tokens: [INFY] }));
    await manager.subscribeSymbols(TOKENS);
    await eventually(() => {
      const seen = all.flatMap(({ ticks }) => ticks.map((tick) => tick.instrumentToken));
      expect(new Set(seen)).toEqual(new Set(TOKENS));
    });
    for (let turn = 0; turn < 4; turn++) bench.simulator.burst(1);
    await eventually(() => expect(one.length).toBe(5));
    expect(new Set(one.flatMap(({ ticks }) => ticks.map((tick) => tick.instrumentToken)))).toEqual(
      new Set([INFY]),
    );
  });

  test('that nobody reads lose their own oldest ticks, count them, and harm no other', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const slow = manager.getUnifiedChannel({ capacity: 5 });
    const newest = manager.ticks({ capacity: 5, overflow: 'drop-newest' });
    const conflated = manager.ticks({ overflow: 'conflate' });
    await manager.subscribeSymbols(TOKENS);
    await bench.agrees(manager);
    for (let turn = 0; turn < 60; turn++) bench.simulator.burst(1);
    await eventually(() => expect(tokensOf(messages).length).toBeGreaterThanOrEqual(180));
    expect(slow.size).toBeLessThanOrEqual(5);
    const read: TickerMessage[] = [];
    while (slow.size > 0) read.push((await slow.recv())!);
    expect(ofType(read, 'lagged').reduce((sum, { dropped }) => sum + dropped, 0)).toBe(slow.dropped);
    expect(tokensOf(read).length + slow.dropped).toBe(tokensOf(messages).length);
    expect(newest.size).toBe(5);
    expect(slow.dropped).toBeGreaterThan(100);
    expect(newest.dropped).toBeGreaterThan(100);
    expect(ofType(messages, 'lagged')).toEqual([]);
    const batch = await conflated.recv();
    expect(batch!.ticks.length).toBeLessThanOrEqual(3);
    const { droppedTicks } = manager.getStats().connectionStats.reduce((sum, one) => ({
      ...sum,
      droppedTicks: sum.droppedTicks + one.droppedTicks,
    }));
    expect(droppedTicks).toBeGreaterThanOrEqual(slow.dropped + newest.dropped);
  });

  test('that fail by the policy `error` end alone', async () => {
    await using bench = await open();
    const { manager, messages } = await bench.start();
    const strict = manager.getUnifiedChannel({ capacity: 1, overflow: 'error' });
    await manager.subscribeSymbols(TOKENS);
    await eventually(() => expect(new Set(tokensOf(messages)).size).toBe(3));
    expect(await strict.recv()).toBeDefined();
    await expect(strict.recv()).rejects.toMatchObject({ code: 'KITE_CONNECTION_CHANNEL_OVERFLOW' });
    expect(await strict.recv()).toBeUndefined();
    bench.simulator.burst(1);
    await eventually(() => expect(tokensOf(messages)).toHaveLength(6));
  });

  test('that were left are forgotten: nothing is decoded for them any more', async () => {
    await using bench = await open();
    const manager = bench.manager({ maxConnections: 1 });
    await manager.subscribeSymbols([INFY]);
    await manager.start();
    for await (const message of manager.getUnifiedChannel()) if (message.type === 'ticks') break;
    const frames = collect(manager.getRawFrameChannel(0)!);
    const parsed = manager.getStats().totalMessagesParsed;
    bench.simulator.burst(1);
    await eventually(() => expect(frames.some(({ bytes }) => bytes.length > 1)).toBe(true));
    expect(manager.getStats().totalMessagesParsed).toBe(parsed);
  });

  test('mark a reconnect with a gap, each on its own connection', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(TOKENS);
    // Their cached ticks are here.
    await eventually(() => expect(manager.getSilentSymbols(0)).toEqual([]));
    const items = manager.getAllChannels().map(([, channel]) => collect(channel));
    const frames = manager.getAllRawFrameChannels().map(([, channel]) => collect(channel));
    bench.simulator.drop(bench.server(manager, 1).id);
    await eventually(() => expect(ofType(items[1]!, 'gap')).toHaveLength(1));
    await eventually(() => expect(frames[1]!.filter(({ gap }) => gap)).toHaveLength(1));
    for (const other of [0, 2]) {
      expect(ofType(items[other]!, 'gap')).toEqual([]);
      expect(frames[other]!.filter(({ gap }) => gap)).toEqual([]);
    }
    await eventually(() => expect(tokensOf(items[1]!)).toEqual([INFY]));
    const kinds = items[1]!.map(({ type }) => type).filter((type) => type === 'gap' || type === 'ticks');
    expect(kinds).toEqual(['gap', 'ticks']);
  });

  test('hand over what a server says beside ticks', async () => {
    await using bench = await open();
    const { messages } = await bench.start({ maxConnections: 1 });
    bench.simulator.broadcast('hello');
    bench.simulator.sendError('no');
    bench.simulator.sendText('{"type":"new","data":1}');
    bench.simulator.postOrder(API_KEY);
    bench.simulator.sendBinary(Uint8Array.of(0, 1, 0, 99));
    await eventually(() => expect(ofType(messages, 'issue')).toHaveLength(1));
    expect(ofType(messages, 'message')).toMatchObject([{ data: 'hello' }]);
    expect(ofType(messages, 'error')).toMatchObject([{ message: 'no' }]);
    expect(ofType(messages, 'order')).toHaveLength(1);
    expect(ofType(messages, 'instruments-meta')).toHaveLength(1);
    expect(ofType(messages, 'unknown').map(({ data }) => data)).toMatchObject([
      { type: 'app-code' },
      { type: 'new', data: 1 },
    ]);
  });
});

describe.each(WAYS)('listeners, $way', ({ enableDedicatedParsers }) => {
  test('hear every connection, before any channel, until they stop', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager } = await bench.start();
    const heard = new Set<number>();
    let frames = 0;
    const stop = manager.on('ticks', ({ channelId }) => heard.add(channelId));
    manager.on('frame', () => frames++);
    await manager.subscribeSymbols(TOKENS);
    await eventually(() => expect(heard).toEqual(new Set(ChannelId.all())));
    expect(frames).toBeGreaterThan(2);
    stop();
    heard.clear();
    const channel = collect(manager.getUnifiedChannel());
    bench.simulator.burst(3);
    await eventually(() => expect(tokensOf(channel).length).toBeGreaterThan(2));
    expect(heard.size).toBe(0);
  });

  test('get bytes whose slice() is a copy, and whose memory, transferred to another thread, stays with the others', async () => {
    await using bench = await openBench({ enableDedicatedParsers, maxConnections: 1 });
    const { manager, messages } = await bench.start();
    const frames: Uint8Array[] = [];
    manager.on('frame', ({ bytes }) => {
      frames.push(bytes);
      const copy = bytes.slice();
      expect(copy.buffer).not.toBe(bytes.buffer);
      structuredClone(copy, { transfer: [copy.buffer] });
      expect(copy).toHaveLength(0);
      try {
        structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
      } catch (error) {
        // Node 20 clones it, later versions refuse.
        expect(error).toMatchObject({ name: 'DataCloneError' });
      }
    });
    await manager.subscribeSymbols(TOKENS, 'full');
    await bench.agrees(manager);
    const orders = 50;
    for (let index = 0; index < orders; index++) {
      bench.simulator.burst(2);
      bench.simulator.postOrder(API_KEY, { order_id: `${index}` });
    }
    await eventually(() => expect(ofType(messages, 'order')).toHaveLength(orders));
    await eventually(() => expect(frames.filter(({ length }) => length > 1).length).toBeGreaterThan(orders));
    expect(frames.filter(({ length }) => length === 0)).toEqual([]);
    expect(ofType(messages, 'issue')).toEqual([]);
    expect(ofType(messages, 'gap')).toEqual([]);
  });

  test('that throw or reject are contained, reported, and harm no other', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const { manager, messages } = await bench.start();
    const heard: number[] = [];
    manager.on('ticks', () => {
      throw new Error('mine');
    });
    manager.on('ticks', () => Promise.reject(new Error('mine too')));
    manager.on('ticks', ({ ticks }) => heard.push(ticks.length));
    manager.on('health', () => {
      throw new Error('mine as well');
    });
    await manager.subscribeSymbols([INFY]);
    bench.simulator.drop(bench.simulator.connections[2]!.id);
    await eventually(() => {
      expect(heard).not.toEqual([]);
      const issues = ofType(messages, 'issue').map(({ issue }) =>
        'code' in issue ? issue.code : issue.kind,
      );
      expect(issues.length).toBeGreaterThanOrEqual(3);
      expect(new Set(issues)).toEqual(new Set(['KITE_CONNECTION_LISTENER_FAILED']));
    });
  });
});

describe.each(WAYS)('rawOnly, $way', ({ enableDedicatedParsers }) => {
  test('refuses to be asked for ticks, and gives messages without them', async () => {
    await using bench = await openBench({ enableDedicatedParsers, rawOnly: true });
    const { manager, messages } = await bench.start();
    const refused: unknown = expect.objectContaining({ code: 'KITE_CONNECTION_RAW_ONLY' });
    expect(() => manager.ticks()).toThrow(refused);
    expect(() => manager.on('ticks', () => undefined)).toThrow(refused);
    const frames = collect(manager.getRawFrameChannel(0)!);
    await manager.subscribeSymbols(TOKENS);
    await eventually(() => expect(frames.some(({ bytes }) => bytes.length > 1)).toBe(true));
    expect(ofType(messages, 'ticks')).toEqual([]);
    expect(ofType(messages, 'state').length).toBe(6);
    expect(manager.getStats().totalMessagesParsed).toBe(6);
  });
});

test('a flood of three connections goes through a unified channel without loss when it is read', async () => {
  await using bench = await openBench({ enableDedicatedParsers: false });
  const { manager } = await bench.start();
  const channel: Channel<TickerMessage> = manager.getUnifiedChannel();
  const messages = collect(channel);
  await manager.subscribeSymbols(instruments(300));
  await bench.agrees(manager);
  bench.simulator.burst(3000);
  await eventually(() => expect(tokensOf(messages).length).toBe(9300));
  expect(channel.dropped).toBe(0);
});
