import { describe, expect, test } from 'vitest';
import { collect, eventually, INFY, instruments, ltpTick, RELIANCE } from '@kite/testkit';

import { accounts, keyOf, openBench } from '../support/multi-bench.js';

describe('listeners', () => {
  test('hear every account, with its id, before any channel; one that throws is contained and reported', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
    const heard: string[] = [];
    manager.on('ticks', ({ apiKeyId, ticks }) => {
      heard.push(`${apiKeyId} ${ticks.length}`);
      if (apiKeyId === 'b') throw new Error('mine');
    });
    // A listener of failures that fails is not told of its own.
    manager.on('issue', () => {
      throw new Error('mine too');
    });
    await manager.subscribeSymbolsToApi('a', [INFY]);
    await manager.subscribeSymbolsToApi('b', [RELIANCE]);
    await eventually(() => expect(heard.sort()).toEqual(['a 1', 'b 1']));
    await eventually(() => {
      expect(messages.filter(({ message }) => message.type === 'issue')).toMatchObject([
        { apiKeyId: 'b', message: { issue: { code: 'KITE_CONNECTION_LISTENER_FAILED' } } },
      ]);
    });
  });

  test('and channels cost nothing when nobody listens: nothing is decoded', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const manager = bench.manager({ accounts: accounts('a', 'b') });
    const raw = manager.getAllRawFrameChannels();
    const frames = raw.map(([id, channelId, channel]) => ({ id, channelId, got: collect(channel) }));
    await manager.start();
    await manager.subscribeSymbols(instruments(12), 'full');
    await eventually(() => expect(frames.every(({ got }) => got.length > 5)).toBe(true));
    expect(frames.map(({ id, channelId }) => `${id}${channelId}`)).toEqual([
      'a0',
      'a1',
      'a2',
      'b0',
      'b1',
      'b2',
    ]);
    const { perApiStats } = manager.getStats();
    for (const { connectionStats } of perApiStats)
      for (const { ticksReceived, messagesReceived } of connectionStats) {
        expect(messagesReceived).toBeGreaterThan(0);
        expect(ticksReceived).toBeGreaterThanOrEqual(0);
      }
    const channel = manager.getUnifiedChannel();
    expect((await channel.recv())?.message.type).toBe('ticks');
  });

  test('of ticks are refused where nothing is decoded', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const { manager, messages } = await bench.start({ accounts: accounts('a'), rawOnly: true });
    expect(() => manager.on('ticks', () => undefined)).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_RAW_ONLY' }) as Error,
    );
    const [, , frames] = manager.getAllRawFrameChannels()[0]!;
    await manager.subscribeSymbols(instruments(3));
    await frames.recv();
    expect(messages.filter(({ message }) => message.type === 'ticks')).toEqual([]);
  });

  test('of an event that there is not are refused', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a') });
    expect(() => manager.on('tick' as 'ticks', () => undefined)).toThrow(
      expect.objectContaining({ code: 'KITE_MULTI_API_INVALID_OPTION', field: 'type' }) as Error,
    );
    expect(() => manager.on('ticks', 'listener' as never)).toThrow(
      expect.objectContaining({ code: 'KITE_MULTI_API_INVALID_OPTION', field: 'listener' }) as Error,
    );
  });
});

describe('the last tick', () => {
  test('of an instrument is kept over all accounts, and forgotten with it', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a', 'b'), replicas: 2, lastTicks: true });
    await manager.start();
    expect(manager.getLastTick(INFY)).toBeUndefined();
    await manager.subscribeSymbols([INFY], 'ltp');
    await eventually(() => expect(bench.streamedTo('b')).toEqual([[INFY, 'ltp']]));
    bench.simulator.publish([ltpTick(4321)]);
    await eventually(() => expect(manager.getLastTick(INFY)).toMatchObject({ tick: { lastPrice: 4321 } }));
    bench.simulator.stall(keyOf('a'));
    bench.simulator.publish([ltpTick(4322)]);
    await eventually(() => expect(manager.getLastTick(INFY)).toMatchObject({ tick: { lastPrice: 4322 } }));
    await manager.unsubscribeSymbols([INFY]);
    expect(manager.getLastTick(INFY)).toBeUndefined();
  });

  test('is not there to be asked for unless it is kept', async () => {
    await using bench = await openBench();
    expect(() => bench.manager({ accounts: accounts('a') }).getLastTick(INFY)).toThrow(
      expect.objectContaining({ code: 'KITE_MANAGER_LAST_TICKS_OFF' }) as Error,
    );
  });
});
