import { once } from 'node:events';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Feed, MultiApiKiteTickerManager } from '@kite/multi-api';
import { codeOf, collect, eventually, INFY, instruments, ltpTick, RELIANCE } from '@kite/testkit';

import { accounts, keyOf, logins, openBench } from '../support/multi-bench.js';

describe('many accounts are a feed', () => {
  test('whose items carry the account, in every form', async () => {
    expectTypeOf<MultiApiKiteTickerManager>().toExtend<Feed>();
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a', 'b') });
    const messages = collect(manager.messages());
    const ticks = collect(manager.ticks());
    const frames = collect(manager.rawFrames());
    const unified = collect(manager.getUnifiedChannel());
    const heard: unknown[] = [];
    manager.on('ticks', ({ apiKeyId, ticks: [tick] }) => heard.push([apiKeyId, tick!.instrumentToken]));
    const next = manager.once('ticks');
    const nodes = once(manager as never, 'ticks');
    await manager.start();
    await manager.subscribeSymbolsToApi('a', [INFY], 'quote');
    await manager.subscribeSymbolsToApi('b', [RELIANCE], 'quote');
    const both = [
      ['a', INFY],
      ['b', RELIANCE],
    ];
    await eventually(() => expect(heard.sort()).toEqual(both));
    await eventually(() =>
      expect(
        messages
          .flatMap((item) => (item.type === 'ticks' ? [[item.apiKeyId, item.ticks[0]!.instrumentToken]] : []))
          .sort(),
      ).toEqual(both),
    );
    expect(ticks.map((batch) => [batch.apiKeyId, batch.ticks[0]!.instrumentToken]).sort()).toEqual(both);
    const withPackets = frames.filter(({ bytes }) => bytes.length > 1);
    expect(withPackets.map(({ apiKeyId }) => apiKeyId).sort()).toEqual(['a', 'b']);
    const pairs = unified.filter(({ message }) => message.type === 'ticks');
    expect(pairs.map(({ apiKeyId }) => apiKeyId).sort()).toEqual(['a', 'b']);
    expect(await next).toMatchObject({ type: 'ticks' });
    expect(await nodes).toMatchObject([{ type: 'ticks' }]);
    expect(manager.subscriptions).toEqual(
      new Map([
        [INFY, 'quote'],
        [RELIANCE, 'quote'],
      ]),
    );
    expect(manager.getUnplacedSymbols()).toEqual([]);
    expect(manager.getSilentSymbols(0)).toEqual([]);
    const ended = manager.ended;
    await manager.stop();
    await ended;
  });

  test('that ends with the error when every account has failed for good, and lives again with new credentials', async () => {
    await using bench = await openBench({ accounts: logins('a', 'b') });
    const manager = bench.manager({
      accounts: accounts('a', 'b'),
      maxConnections: 1,
      unauthorizedRetryDelayMs: 20,
    });
    await manager.start();
    const channel = manager.messages();
    const { ended } = manager;
    bench.simulator.expireTokens(keyOf('a'));
    bench.simulator.drop(keyOf('a'));
    await eventually(() => expect(manager.getHealth().reasons.join()).toContain('a: connection 1'));
    bench.simulator.expireTokens(keyOf('b'));
    bench.simulator.drop(keyOf('b'));
    expect(await codeOf(ended)).toBe('KITE_CONNECTION_UNAUTHORIZED');
    const reading = (async () => {
      while (await channel.recv());
    })();
    expect(await codeOf(reading)).toBe('KITE_CONNECTION_UNAUTHORIZED');
    bench.simulator.setAccessToken(keyOf('a'), 'another');
    await manager.updateCredentials('a', { accessToken: 'another' });
    await eventually(() => expect(manager.getHealth().healthyConnections).toBe(1));
    const revived = manager.ended;
    expect(revived).not.toBe(ended);
    await manager.stop();
    await revived;
  });

  test('that starts without any connection with keepTrying, and stops where the start is aborted', async () => {
    await using bench = await openBench();
    bench.simulator.refuse(Infinity, 503);
    const manager = bench.manager({ accounts: accounts('a'), maxConnections: 1 });
    await manager.start({ keepTrying: true });
    expect(manager.getHealth().status).toBe('critical');
    bench.revive();
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    await manager.stop();
    const aborted = AbortSignal.abort(new Error('mine'));
    expect(await codeOf(manager.start({ signal: aborted }))).toBe('KITE_MULTI_API_STOPPED');
    const controller = new AbortController();
    const starting = manager.start({ signal: controller.signal });
    controller.abort();
    expect(await codeOf(starting)).toBe('KITE_MULTI_API_STOPPED');
    expect(await codeOf(manager.start({ keeptrying: true } as never))).toBe('KITE_MULTI_API_INVALID_OPTION');
  });

  test('that tells which instruments are unplaced, when they change', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({
      accounts: accounts('a', 'b'),
      maxConnections: 1,
      maxSymbolsPerConnection: 3,
    });
    const told: (readonly number[])[] = [];
    manager.on('unplaced', (tokens) => told.push(tokens));
    await manager.subscribeSymbols(instruments(6));
    bench.kill('a', 403);
    await eventually(() => expect(told.at(-1)).toHaveLength(3));
    expect(manager.getUnplacedSymbols()).toEqual(told.at(-1));
    await manager.unsubscribeSymbols(told.at(-1)!);
    await eventually(() => expect(told.at(-1)).toEqual([]));
  });
});

test('the ticks of an account that was chosen come as they are, while the other copies stay merged', async () => {
  await using bench = await openBench();
  const { manager } = await bench.start({ accounts: accounts('a', 'b', 'c'), replicas: 2 });
  await manager.subscribeSymbols([INFY], 'ltp');
  await bench.agrees(manager);
  const holders = manager
    .getApiKeys()
    .filter((id) => Object.values(manager.getSymbolDistribution()[id]!).flat().includes(INFY));
  const third = ['a', 'b', 'c'].find((id) => !holders.includes(id))!;
  await manager.subscribeSymbolsToApi(third, [INFY], 'ltp');
  await bench.agrees(manager);
  const heard: [string, number][] = [];
  manager.on('ticks', ({ apiKeyId, ticks }) => {
    for (const { mode, lastPrice } of ticks) if (mode === 'ltp') heard.push([apiKeyId!, lastPrice]);
  });
  for (const price of [11, 12, 13]) bench.simulator.publish([ltpTick(price)]);
  await eventually(() => expect(heard.filter(([, price]) => price === 13)).toHaveLength(2));
  const prices = (isOf: (id: string) => boolean): number[] =>
    heard.filter(([id, price]) => isOf(id) && price < 20).map(([, price]) => price);
  expect(prices((id) => id === third)).toEqual([11, 12, 13]);
  expect(prices((id) => id !== third)).toEqual([11, 12, 13]);
  const stats = manager.getReplicaStats();
  expect(stats.map(({ apiKeyId }) => apiKeyId)).toEqual(['a', 'b', 'c']);
  expect(stats.find(({ apiKeyId }) => apiKeyId === third)).toMatchObject({ first: 0, only: 0 });
});
