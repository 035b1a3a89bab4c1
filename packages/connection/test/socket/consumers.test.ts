import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import { isKiteError, type KiteError } from '@kite/connection';
import { API_KEY, collect, eventually, INFY, ofType, RELIANCE } from '@kite/testkit';

import { openBench } from '../support/connection-bench.js';

describe('a consumer that never reads', () => {
  test('holds no more than its capacity, and costs nobody else anything', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    const asleep = {
      messages: ticker.messages({ capacity: 10 }),
      ticks: ticker.ticks({ capacity: 20, overflow: 'drop-newest' }),
      conflated: ticker.ticks({ overflow: 'conflate' }),
      frames: ticker.subscribeRawFrames({ capacity: 30 }),
    };
    const awake = collect(ticker.ticks());
    const before = ofType(messages, 'ticks').length;
    for (let turn = 0; turn < 20; turn++) {
      for (let frame = 0; frame < 25; frame++) bench.simulator.burst(4);
      await ticker.ping();
    }
    await eventually(() => expect(awake.length).toBe(500));
    await eventually(() => expect(ofType(messages, 'ticks').length - before).toBe(500));
    expect(awake.every(({ dropped }) => dropped === 0)).toBe(true);
    expect(asleep.messages.size).toBe(10);
    expect(asleep.ticks.size).toBe(20);
    expect(asleep.conflated.size).toBe(1);
    expect(asleep.frames.size).toBe(30);
    expect(asleep.messages.dropped).toBe((500 - 10) * 4);
    expect(asleep.ticks.dropped).toBe((500 - 20) * 4);
    expect(asleep.conflated.dropped).toBe(500 * 4 - 2);
    const { droppedTicks, messagesReceived } = ticker.getStats();
    const { messages: a, ticks: b, conflated: c, frames: d } = asleep;
    expect(droppedTicks).toBe(a.dropped + b.dropped + c.dropped + d.dropped);
    expect(d.dropped + d.size).toBeLessThanOrEqual(messagesReceived);
    expect(bench.simulator.connections[0]!.counters.framesSkipped).toBe(0);
  });

  test('is told what it lost, where it lost it, once it reads again', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const late = ticker.messages({ capacity: 3 });
    const lateTicks = ticker.ticks({ capacity: 3 });
    const lateFrames = ticker.subscribeRawFrames({ capacity: 3 });
    for (let frame = 0; frame < 10; frame++) bench.simulator.burst(2);
    await ticker.ping();
    expect(await late.recv()).toMatchObject({ type: 'lagged', dropped: 14 });
    expect(await late.recv()).toMatchObject({ type: 'ticks' });
    expect(await lateTicks.recv()).toMatchObject({ dropped: 14 });
    expect(await lateTicks.recv()).toMatchObject({ dropped: 0 });
    expect((await lateFrames.recv())!.dropped).toBeGreaterThanOrEqual(7);
    expect(await lateFrames.recv()).toMatchObject({ dropped: 0 });
  });

  test('loses no order and no gap, however many ticks come after', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const { ticker } = await bench.open();
    const late = ticker.messages({ capacity: 30 });
    const order = simulator.postOrder(API_KEY);
    simulator.drop();
    await eventually(() => expect(ticker.getStats().reconnects).toBe(1));
    await ticker.ping();
    for (let frame = 0; frame < 100; frame++) simulator.burst(2);
    await ticker.ping();
    await ticker.close();
    const seen = [];
    for await (const message of late) seen.push(message);
    expect(ofType(seen, 'order').map((message) => message.order)).toEqual([order]);
    expect(ofType(seen, 'gap')).toHaveLength(1);
    expect(seen.length).toBeLessThanOrEqual(30 + ofType(seen, 'lagged').length);
    const types = seen.map(({ type }) => type);
    expect(types.indexOf('order')).toBeLessThan(types.indexOf('gap'));
  });

  test('announces its lag on the diagnostics channel once, not for every tick', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const lags: unknown[] = [];
    const onLag = (event: unknown): void => void lags.push(event);
    subscribe('kite:connection:lag', onLag);
    ticker.ticks({ capacity: 2 });
    for (let frame = 0; frame < 50; frame++) bench.simulator.burst(1);
    await ticker.ping();
    unsubscribe('kite:connection:lag', onLag);
    expect(lags).toEqual([{ channelId: 0, dropped: 1 }]);
  });

  test("ends with an error where its policy is 'error', and the connection goes on", async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const strict = ticker.ticks({ capacity: 2, overflow: 'error' });
    for (let frame = 0; frame < 5; frame++) bench.simulator.burst(1);
    await ticker.ping();
    expect([(await strict.recv())?.ticks.length, (await strict.recv())?.ticks.length]).toEqual([1, 1]);
    await expect(strict.recv()).rejects.toMatchObject({ code: 'KITE_CONNECTION_CHANNEL_OVERFLOW' });
    expect(await strict.recv()).toBeUndefined();
    expect(ticker.isConnected()).toBe(true);
  });
});

describe('a consumer with a choice', () => {
  test('gets the newest tick of each instrument, of its instruments alone', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const newest = ticker.ticks({ overflow: 'conflate' });
    const chosen = ticker.ticks({ tokens: [RELIANCE] });
    for (let frame = 0; frame < 10; frame++) bench.simulator.burst(2);
    await ticker.ping();
    const batch = await newest.recv();
    expect(batch?.ticks.map(({ instrumentToken }) => instrumentToken)).toEqual([INFY, RELIANCE]);
    expect(batch?.dropped).toBe(18);
    const prices = new Map(bench.simulator.instruments.map((one) => [one.instrumentToken, one.lastPrice]));
    expect(batch?.ticks.map(({ lastPrice }) => lastPrice)).toEqual([prices.get(INFY), prices.get(RELIANCE)]);
    expect(chosen.size).toBe(10);
    expect((await chosen.recv())?.ticks).toMatchObject([{ instrumentToken: RELIANCE }]);
  });

  test('that leaves its loop has closed its channel, and no other', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const [left, kept] = [ticker.ticks(), ticker.ticks()];
    bench.simulator.burst(2);
    for await (const _batch of left) break;
    bench.simulator.burst(2);
    await ticker.ping();
    expect([left.size, kept.size]).toEqual([0, 2]);
    expect(await left.recv()).toBeUndefined();
  });
});

describe('a listener', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('of the user');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('of the user'))],
    [
      'throws what is no error',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
        throw 'of the user';
      },
    ],
  ])('that %s is contained and reported, and the others are called', async (_what, failing) => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    ticker.on('ticks', failing);
    ticker.on('frame', failing);
    const seen: number[] = [];
    ticker.on('ticks', ({ ticks }) => seen.push(ticks.length));
    bench.simulator.burst(2);
    await eventually(() => expect(seen).toEqual([2]));
    const errors = (): KiteError[] =>
      ofType(messages, 'issue')
        .map(({ issue }) => issue)
        .filter((issue) => isKiteError(issue));
    await eventually(() =>
      expect(errors().map(({ message }) => message)).toContain("a listener of 'ticks' failed: of the user"),
    );
    expect(errors().map(({ message }) => message)).toContain("a listener of 'frame' failed: of the user");
    expect(new Set(errors().map(({ code }) => code))).toEqual(new Set(['KITE_CONNECTION_LISTENER_FAILED']));
    expect(ticker.isConnected()).toBe(true);
  });

  test('of issues that fails is not told of its own failure without end', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    let calls = 0;
    ticker.on('issue', () => {
      calls++;
      throw new Error('again');
    });
    bench.simulator.sendBinary(Uint8Array.of(0, 1));
    await ticker.ping();
    expect(calls).toBe(1);
    expect(ticker.isConnected()).toBe(true);
    await eventually(() => expect(ofType(messages, 'issue')).toHaveLength(1));
  });

  test('that fails at every change of state cannot keep the connection from coming back', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker();
    ticker.on('state', () => {
      throw new Error('of the user');
    });
    await ticker.connect();
    bench.simulator.drop();
    await eventually(() => expect(ticker.getStats().reconnects).toBe(1));
    await ticker.close();
    expect(ticker.state).toBe('closed');
  });

  test('is called before any channel has the message, and not any more after it was taken away', async () => {
    await using bench = await openBench();
    const { ticker } = await bench.open();
    const batches = ticker.ticks();
    const sizes: number[] = [];
    const off = ticker.on('ticks', () => sizes.push(batches.size));
    bench.simulator.burst(1);
    await ticker.ping();
    off();
    off();
    bench.simulator.burst(1);
    await ticker.ping();
    expect([sizes, batches.size]).toEqual([[0], 2]);
  });
});
