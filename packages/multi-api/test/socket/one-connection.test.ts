import { describe, expect, test } from 'vitest';
import { KiteTickerManager, MultiApiKiteTickerManager } from '@kite/multi-api';
import { eventually, INFY, instruments, RELIANCE } from '@kite/testkit';

import { accounts, openBench } from '../support/multi-bench.js';

test('many accounts have every method of one', () => {
  const missing = Object.getOwnPropertyNames(KiteTickerManager.prototype).filter(
    (name) => !(name in MultiApiKiteTickerManager.prototype),
  );
  expect(missing).toEqual([]);
});

describe('what a manager of one account gives for each connection, this one gives for each of each account:', () => {
  test('channels of messages, of raw frames and of full packets', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxConnections: 1 });
    const channels = manager.getAllChannels();
    expect(channels.map(([id, channelId]) => [id, channelId])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    const frames = manager.getRawFrameChannel('a', 0)!;
    const views = manager.getFullRawSubscriber('b', 0)!;
    await manager.subscribeSymbolsToApi('a', [INFY], 'full');
    await manager.subscribeSymbolsToApi('b', [RELIANCE], 'full');
    await eventually(() => expect([frames.size, views.size].every((size) => size > 0)).toBe(true));
    for (const [, , channel] of channels) await eventually(() => expect(channel.size).toBeGreaterThan(0));
    expect((await frames.recv())?.bytes).toBeInstanceOf(Uint8Array);
    expect((await views.recv())?.header.instrumentToken).toBe(RELIANCE);
    expect(manager.getRawFrameChannel('a', 1)).toBeUndefined();
    expect(manager.getFullRawSubscriber('a', 2)).toBeUndefined();
    await manager.stop();
    for (const [, , channel] of channels) expect(channel.isClosed).toBe(true);
    expect(frames.isClosed).toBe(true);
  });

  test('how its frames are processed', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxConnections: 2 });
    manager.on('ticks', () => undefined);
    await manager.subscribeSymbolsToApi('a', [INFY], 'ltp');
    const processed = (id: string): number =>
      manager.getProcessorStats(id).reduce((sum, { messagesProcessed }) => sum + messagesProcessed, 0);
    await eventually(() => expect(processed('a')).toBeGreaterThan(0));
    expect(manager.getProcessorStats('b').map(({ connectionId }) => connectionId)).toEqual([0, 1]);
  });

  test('an error for an account that is not there', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a') });
    for (const call of [
      () => manager.getRawFrameChannel('x', 0),
      () => manager.getFullRawSubscriber('x', 0),
      () => manager.getProcessorStats('x'),
    ])
      expect(call).toThrow(expect.objectContaining({ code: 'KITE_MULTI_API_UNKNOWN_ACCOUNT' }) as Error);
  });
});

describe('the free capacity', () => {
  test.each([
    [1, 12],
    [2, 6],
  ])('counts every copy of an instrument: with %i replicas %i fit on two accounts', async (replicas, fit) => {
    await using bench = await openBench();
    const { manager } = await bench.start({
      ...{ accounts: accounts('a', 'b'), maxConnections: 2, maxSymbolsPerConnection: 3 },
      replicas,
    });
    expect(manager.getFreeCapacity()).toBe(fit);
    await manager.subscribeSymbols(instruments(fit));
    expect(manager.getFreeCapacity()).toBe(0);
  });

  test('is none without accounts, and that of the others once one has failed', async () => {
    await using bench = await openBench();
    expect(bench.manager({ accounts: [] }).getFreeCapacity()).toBe(0);
    const { manager } = await bench.start({
      ...{ accounts: accounts('a', 'b'), maxConnections: 1, maxSymbolsPerConnection: 5 },
    });
    expect(manager.getFreeCapacity()).toBe(10);
    await manager.subscribeSymbolsToApi('a', [INFY]);
    expect(manager.getFreeCapacity()).toBe(9);
    await manager.removeApiKey('b');
    expect(manager.getFreeCapacity()).toBe(4);
  });
});
