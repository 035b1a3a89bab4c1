import { describe, expect, test } from 'vitest';
import type { DistributionStrategy } from '@kite/multi-api';
import { codeOf, eventually, everyRendering, INFY, instruments, RELIANCE } from '@kite/testkit';

import { accounts, keyOf, openBench, ticksOf } from '../support/multi-bench.js';

function sizes(manager: { getStats(): { perApiStats: { totalSymbols: number }[] } }): number[] {
  return manager.getStats().perApiStats.map(({ totalSymbols }) => totalSymbols);
}

describe('strategies', () => {
  test.each<[DistributionStrategy, number[]]>([
    ['round-robin', [17, 11]],
    ['least-loaded', [14, 14]],
    ['weighted', [23, 5]],
  ])('%s spreads beside what is held already', async (distributionStrategy, expected) => {
    await using bench = await openBench();
    const { manager } = await bench.start({
      accounts: accounts('a', 'b'),
      distributionStrategy,
      weights: { a: 4, b: 1 },
    });
    await manager.subscribeSymbolsToApi('a', instruments(6));
    await manager.subscribeSymbols(instruments(22, 50_000));
    expect(sizes(manager)).toEqual(expected);
    await bench.agrees(manager);
  });

  test('weighted gives one share to an account without a weight, whatever its name', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({
      accounts: accounts('constructor', 'b', 'valueOf'),
      distributionStrategy: 'weighted',
    });
    await manager.subscribeSymbols(instruments(9));
    expect(sizes(manager)).toEqual([3, 3, 3]);
  });

  test('manual refuses to choose, and says what to call', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), distributionStrategy: 'manual' });
    await expect(manager.subscribeSymbols([INFY])).rejects.toMatchObject({
      code: 'KITE_MULTI_API_MANUAL_DISTRIBUTION',
      message: expect.stringContaining('subscribeSymbolsToApi') as string,
    });
    expect(manager.getStats().totalSymbols).toBe(0);
    await manager.subscribeSymbolsToApi('b', [INFY], 'full');
    await manager.changeMode([INFY], 'ltp');
    await eventually(() => expect(bench.streamedTo('b')).toEqual([[INFY, 'ltp']]));
    expect(bench.streamedTo('a')).toEqual([]);
    await manager.unsubscribeSymbols([INFY]);
    await eventually(() => expect(bench.streamedTo('b')).toEqual([]));
  });
});

describe('subscriptions', () => {
  test('are kept on every account where an instrument is held on two accounts in different modes', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbolsToApi('a', [INFY], 'full');
    await manager.subscribeSymbolsToApi('b', [INFY], 'ltp');
    await eventually(() => {
      expect(bench.streamedTo('a')).toEqual([[INFY, 'full']]);
      expect(bench.streamedTo('b')).toEqual([[INFY, 'ltp']]);
    });
    expect(manager.getStats()).toMatchObject({
      totalSymbols: 1,
      perApiStats: [{ totalSymbols: 1 }, { totalSymbols: 1 }],
    });
    await manager.subscribeSymbols([INFY]);
    await manager.changeMode([INFY], 'quote');
    await eventually(() => {
      expect([bench.streamedTo('a'), bench.streamedTo('b')]).toEqual([[[INFY, 'quote']], [[INFY, 'quote']]]);
    });
    await manager.unsubscribeSymbols([INFY, RELIANCE]);
    await eventually(() => expect([bench.streamedTo('a'), bench.streamedTo('b')]).toEqual([[], []]));
    expect(manager.getStats().totalSymbols).toBe(0);
  });

  test('come in the mode of the account that was asked, with its name', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbolsToApi('a', [INFY], 'full');
    await manager.subscribeSymbolsToApi('b', [RELIANCE], 'ltp');
    await eventually(() => {
      expect(ticksOf(messages.filter(({ apiKeyId }) => apiKeyId === 'a')).at(-1)).toMatchObject({
        instrumentToken: INFY,
        mode: 'full',
      });
      expect(ticksOf(messages.filter(({ apiKeyId }) => apiKeyId === 'b')).at(-1)).toMatchObject({
        instrumentToken: RELIANCE,
        mode: 'ltp',
      });
    });
  });

  test('refuse an instrument that is not subscribed a change of mode, and list those', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a') });
    await manager.subscribeSymbols([INFY], 'ltp');
    await bench.agrees(manager);
    const before = bench.simulator.requests.length;
    await expect(manager.changeMode([INFY, RELIANCE, 257], 'full')).rejects.toMatchObject({
      code: 'KITE_MULTI_API_NOT_SUBSCRIBED',
      tokens: [RELIANCE, 257],
    });
    await manager.unsubscribeSymbols([RELIANCE]);
    await manager.subscribeSymbols([INFY]);
    expect(bench.simulator.requests).toHaveLength(before);
    expect(bench.streamedTo('a')).toEqual([[INFY, 'ltp']]);
  });

  test('name an account that there is not, and those that there are', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('first', 'second') });
    const expected = {
      code: 'KITE_MULTI_API_UNKNOWN_ACCOUNT',
      value: 'third',
      allowed: 'first, second',
      message: expect.stringMatching(/third.*first, second/) as string,
    };
    await expect(manager.subscribeSymbolsToApi('third', [INFY])).rejects.toMatchObject(expected);
    await expect(manager.updateCredentials('third', { accessToken: 'x' })).rejects.toMatchObject(expected);
    await expect(manager.removeApiKey('third')).rejects.toMatchObject(expected);
    expect(() => manager.getApiStats('third')).toThrow(expect.objectContaining(expected) as Error);
    expect(() => manager.getChannel('third', 0)).toThrow(expect.objectContaining(expected) as Error);
  });

  test('show no key of an account that was given for its id', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('first', 'second') });
    await manager.updateCredentials('first', { apiKey: 'another-key', accessToken: 'another-token' });
    for (const secret of [keyOf('second'), keyOf('first'), 'another-key', 'another-token']) {
      const error = await manager.removeApiKey(secret).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'KITE_MULTI_API_UNKNOWN_ACCOUNT', value: '(an API key)' });
      expect(everyRendering(error)).not.toContain(secret);
    }
  });

  test('take no second account of the same id', async () => {
    await using bench = await openBench();
    const duplicate = { code: 'KITE_MULTI_API_DUPLICATE_ACCOUNT', field: 'id', value: 'a' };
    expect(() => bench.manager({ accounts: accounts('a', 'a') })).toThrow(
      expect.objectContaining(duplicate) as Error,
    );
    const { manager } = await bench.start({ accounts: accounts('a') });
    await expect(manager.addApiKey('a', 'key', 'token')).rejects.toMatchObject(duplicate);
    expect(manager.getApiKeys()).toEqual(['a']);
  });

  test.each<[string, unknown[], unknown, string]>([
    ['a string for a token', ['408065'], undefined, 'KITE_PROTOCOL_INVALID_TOKEN'],
    ['a token of zero', [0], undefined, 'KITE_PROTOCOL_INVALID_TOKEN'],
    ['a mode that there is not', [INFY], 'everything', 'KITE_PROTOCOL_INVALID_MODE'],
  ])('refuse %s, and change nothing', async (_what, tokens, mode, code) => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a') });
    expect(await codeOf(manager.subscribeSymbols(tokens as number[], mode as 'ltp'))).toBe(code);
    expect(await codeOf(manager.subscribeSymbolsToApi('a', tokens as number[], mode as 'ltp'))).toBe(code);
    expect(manager.getStats().totalSymbols).toBe(0);
  });

  test('are kept while stopped, and replayed at the start', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbols(instruments(8), 'full');
    await manager.start();
    await bench.agrees(manager);
    await manager.stop();
    await manager.unsubscribeSymbols(instruments(2));
    await manager.start();
    await eventually(() => expect([...bench.streamedTo('a'), ...bench.streamedTo('b')]).toHaveLength(6));
    await bench.agrees(manager);
  });
});
