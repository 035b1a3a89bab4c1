import { describe, expect, test } from 'vitest';
import { wsTransport } from '@kite/connection';
import { eventually, ProxyProcess, SELF_SIGNED } from '@kite/testkit';

import { accounts, openBench } from '../support/multi-bench.js';

test('options reach the managers of the accounts', async () => {
  await using bench = await openBench();
  const { manager } = await bench.start({
    accounts: accounts('a', 'b'),
    maxConnectionsPerApi: 1,
    baseConfig: { defaultMode: 'ltp' },
  });
  await manager.subscribeSymbols([408065, 738561]);
  await eventually(() => {
    expect(bench.simulator.connections.map(({ book }) => [...book.values()])).toEqual([['ltp'], ['ltp']]);
  });
});

describe.each([
  { way: 'in the main thread', enableDedicatedParsers: false },
  { way: 'in I/O workers', enableDedicatedParsers: true },
])('the way to the server is the same for every account, $way', ({ enableDedicatedParsers }) => {
  test('through a proxy that wants credentials, from a local address, over TLS (starts a child)', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    await using proxy = await ProxyProcess.start({ credentials: 'trader:p@ss' });
    await bench.start({
      accounts: accounts('a', 'b'),
      maxConnectionsPerApi: 1,
      enableDedicatedParsers,
      tls: { ca: SELF_SIGNED.cert },
      baseConfig: { proxy: proxy.url('trader:p%40ss'), localAddress: '127.0.0.2', family: 4 },
    });
    await eventually(() =>
      expect(proxy.requests.map(({ from }) => from)).toEqual(['127.0.0.2', '127.0.0.2']),
    );
  }, 30_000);

  test('and beside a transport of the caller it is an error, wherever each of them stands', async () => {
    await using bench = await openBench();
    const transport = wsTransport;
    for (const options of [
      { proxy: 'http://trader:hush@127.0.0.1:1', baseConfig: { transport } },
      { baseConfig: { proxy: 'http://trader:hush@127.0.0.1:1', transport } },
    ]) {
      const error = expect.objectContaining({
        code: 'KITE_MULTI_API_INVALID_OPTION',
        field: 'proxy',
        value: '(not shown)',
      }) as Error;
      expect(() => bench.manager({ ...options, enableDedicatedParsers })).toThrow(error);
    }
  });
});
