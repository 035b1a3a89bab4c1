import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/multi-api';
import { eventually, instruments, requestsOf } from '@kite/testkit';

import { accounts, openBench } from '../support/multi-bench.js';

describe('capacity', () => {
  test.each([
    [2, 18_000],
    [5, 45_000],
  ])(
    '%i accounts hold %i instruments, with one subscribe and one mode request a connection',
    async (count, symbols) => {
      await using bench = await openBench({ heartbeatIntervalMs: 200 });
      const ids = Array.from({ length: count }, (_, index) => `account${index + 1}`);
      const manager = bench.manager({ accounts: accounts(...ids) });
      await manager.start();
      await manager.subscribeSymbols(instruments(symbols), 'ltp');
      await eventually(() => {
        expect(bench.simulator.connections.map(({ book }) => book.size)).toEqual(Array(count * 3).fill(3000));
      });
      for (const connection of bench.simulator.connections) {
        expect(requestsOf(connection)).toEqual(['subscribe ×3000', 'mode ltp ×3000']);
        expect(new Set(connection.book.values())).toEqual(new Set(['ltp']));
      }
      const held = new Set(bench.simulator.connections.flatMap(({ book }) => [...book.keys()]));
      expect(held.size).toBe(symbols);
      expect(manager.getStats()).toMatchObject({
        totalApiKeys: count,
        totalConnections: count * 3,
        totalSymbols: symbols,
      });
      await expect(manager.subscribeSymbols(instruments(1, 100_000))).rejects.toMatchObject({
        code: 'KITE_MULTI_API_CAPACITY',
        requested: 1,
        available: 0,
      });
      expect(manager.getStats().totalSymbols).toBe(symbols);
    },
  );

  test('is balanced to within one instrument a connection, for any number of them and over several calls', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b', 'c') });
    let first = 1;
    for (const count of [1, 7, 50, 3, 100]) {
      await manager.subscribeSymbols(instruments(count, first));
      first += count;
      const sizes = Object.values(manager.getSymbolDistribution()).flatMap((connections) =>
        Object.values(connections).map((tokens) => tokens.length),
      );
      expect(sizes).toHaveLength(9);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
    await bench.agrees(manager);
  });

  test('is refused as a whole: nothing is recorded and nothing is sent', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxSymbolsPerConnection: 2 });
    await manager.subscribeSymbols(instruments(10));
    await bench.agrees(manager);
    const before = bench.simulator.requests.length;
    const refused = manager.subscribeSymbols(instruments(5), 'full');
    await expect(refused).resolves.toBeUndefined();
    const error: unknown = await manager
      .subscribeSymbols(instruments(13), 'ltp')
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(KiteError);
    expect(error).toMatchObject({ code: 'KITE_MULTI_API_CAPACITY', requested: 3, available: 2 });
    await expect(manager.subscribeSymbolsToApi('a', instruments(2, 50_000))).rejects.toMatchObject({
      code: 'KITE_MULTI_API_CAPACITY',
      apiKeyId: 'a',
      requested: 2,
      available: 1,
    });
    expect(manager.getStats().totalSymbols).toBe(10);
    await bench.agrees(manager);
    const modes = bench.simulator.requests.slice(before).map(({ request }) => request.action);
    expect(modes.every((action) => action === 'mode')).toBe(true);
  });

  test('sends one request for each mode in use, and for each connection that it is about', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxConnectionsPerApi: 2 });
    const requested = (...requests: string[]): Promise<unknown> =>
      eventually(() => {
        for (const connection of bench.simulator.connections)
          expect(requestsOf(connection)).toEqual(requests);
      });
    await manager.subscribeSymbols(instruments(400));
    await requested('subscribe ×100');
    await manager.subscribeSymbols(instruments(200), 'full');
    await requested('subscribe ×100', 'mode full ×50');
    await manager.changeMode(instruments(100), 'ltp');
    await requested('subscribe ×100', 'mode full ×50', 'mode ltp ×25');
  });
});
