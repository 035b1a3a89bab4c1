import { describe, expect, test } from 'vitest';
import type { ApiKeyStats } from '@kite/multi-api';
import { eventually, everyRendering, INFY, instruments, spellings } from '@kite/testkit';

import { accounts, keyOf, logins, openBench } from '../support/multi-bench.js';

describe('figures', () => {
  test('are the sums of the accounts, under the names of the seed, plain and safe for JSON', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbols(instruments(10));
    await manager.subscribeSymbolsToApi('a', [INFY], 'full');
    await manager.subscribeSymbolsToApi('b', [INFY], 'ltp');
    await eventually(() => expect(messages.length).toBeGreaterThan(20));
    bench.simulator.sendError('something');
    await eventually(() => expect(manager.getStats().totalErrors).toBe(6));
    bench.simulator.setTicksPerSecond(0);
    const stats = manager.getStats();
    expect(Object.keys(stats)).toEqual([
      'totalApiKeys',
      'totalConnections',
      'totalSymbols',
      'totalMessagesReceived',
      'totalMessagesParsed',
      'totalErrors',
      'uptimeMs',
      'perApiStats',
    ]);
    expect(stats).toMatchObject({ totalApiKeys: 2, totalConnections: 6, totalSymbols: 11, totalErrors: 6 });
    expect(stats.uptimeMs).toBeGreaterThan(0);
    const sum = (figure: keyof ApiKeyStats): number =>
      stats.perApiStats.reduce((total, one) => total + (one[figure] as number), 0);
    expect(sum('activeConnections')).toBe(stats.totalConnections);
    expect(sum('totalMessagesReceived')).toBe(stats.totalMessagesReceived);
    expect(sum('totalMessagesParsed')).toBe(stats.totalMessagesParsed);
    expect(sum('totalErrors')).toBe(stats.totalErrors);
    expect(sum('totalSymbols')).toBe(12);
    for (const one of stats.perApiStats) {
      expect(Object.keys(one)).toEqual([
        'apiKeyId',
        'totalSymbols',
        'activeConnections',
        'totalMessagesReceived',
        'totalMessagesParsed',
        'totalErrors',
        'uptimeMs',
        'isolation',
        'connectionStats',
      ]);
      expect(one.connectionStats.map(({ connectionId }) => connectionId)).toEqual([0, 1, 2]);
      expect(one.uptimeMs).toBeGreaterThan(0);
      expect(manager.getApiStats(one.apiKeyId)).toMatchObject({
        apiKeyId: one.apiKeyId,
        activeConnections: 3,
      });
    }
    expect(stats.totalMessagesParsed).toBeGreaterThan(0);
    expect(manager.getApiKeys()).toEqual(['a', 'b']);
    const distribution = manager.getSymbolDistribution();
    expect(Object.keys(distribution)).toEqual(['a', 'b']);
    expect(Object.values(distribution['a']!).flat()).toHaveLength(6);
    for (const figures of [stats, manager.getHealth(), distribution, manager.toJSON()])
      expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
  });

  test('of an account are gone with it, and none are negative or missing before the start', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a', 'b') });
    expect(manager.getStats()).toMatchObject({ totalApiKeys: 2, totalConnections: 0, uptimeMs: 0 });
    expect(manager.getHealth()).toMatchObject({ status: 'critical', healthPercentage: 0 });
    await manager.start();
    await manager.removeApiKey('a');
    expect(manager.getStats()).toMatchObject({ totalApiKeys: 1, totalConnections: 3 });
    expect(Object.keys(manager.getSymbolDistribution())).toEqual(['b']);
  });
});

describe('the credentials of every account', () => {
  test('stand in no output, while all is well and when they are refused', async () => {
    const secrets = [
      'kq8zj3vx+key/of=first',
      'Zt0Wm5-token+of/first=?&',
      'second+key/9f8e7d',
      'second-token=5a4b3c&',
    ];
    const [firstKey, firstToken, secondKey, secondToken] = secrets as [string, string, string, string];
    await using bench = await openBench({
      accounts: [{ apiKey: firstKey, accessToken: firstToken }, ...logins('good')],
    });
    const told: unknown[] = [];
    const { manager, messages } = await bench.start({
      accounts: [
        { id: 'first', apiKey: firstKey, accessToken: firstToken },
        { id: 'second', apiKey: secondKey, accessToken: () => Promise.resolve(secondToken) },
      ],
    });
    for (const type of ['state', 'issue', 'gap'] as const) manager.on(type, (event) => told.push(event));
    manager.on('health', (event) => told.push(event));
    await manager.subscribeSymbols([INFY]);
    const renderings = [everyRendering(manager)];
    bench.simulator.expireTokens(firstKey);
    bench.simulator.drop();
    await eventually(() => expect(manager.getHealth().status).toBe('critical'));
    const failed: unknown = await bench
      .manager({ accounts: [{ id: 'x', apiKey: secondKey, accessToken: secondToken }] })
      .start()
      .catch((error: unknown) => error);
    told.push(failed);
    told.push(await manager.addApiKey('first', secondKey, secondToken).catch((error: unknown) => error));
    renderings.push(everyRendering(manager), everyRendering(messages), everyRendering(told));
    renderings.push(everyRendering([manager.getStats(), manager.getHealth(), manager.getApiKeys()]));
    for (const secret of secrets.flatMap(spellings))
      for (const rendering of renderings) expect(rendering).not.toContain(secret);
    expect(renderings.join()).toContain('second');
    expect(renderings.join()).toMatch(/403/);
    expect(renderings.join()).not.toContain(keyOf('good'));
  });
});
