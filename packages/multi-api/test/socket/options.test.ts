import { expect, test } from 'vitest';
import { eventually } from '@kite/testkit';

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
