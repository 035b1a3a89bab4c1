import { describe, expect, test } from 'vitest';
import { DistributionStrategy, Mode, MultiApiKiteTickerManager } from '@kite/multi-api';
import { eventually, Program } from '@kite/testkit';

import { openBench } from '../support/multi-bench.js';

describe("the seed's program", () => {
  test('runs as it stands', async () => {
    await using bench = await openBench({ ticksPerSecond: 100 });
    const readTokenFromVault = (): Promise<string> => Promise.resolve('token_2');
    const printed: string[] = [];
    const symbols = [256265, 408065, 738561];

    const manager = MultiApiKiteTickerManager.builder()
      .url(bench.simulator.url)
      .addApiKey('account1', 'api_key_1', 'token_1')
      .addApiKey('account2', 'api_key_2', async () => readTokenFromVault())
      .maxConnectionsPerApi(3)
      .distributionStrategy(DistributionStrategy.RoundRobin)
      .build();
    await manager.start();
    await manager.subscribeSymbols(symbols, Mode.Quote);
    await manager.subscribeSymbolsToApi('account1', [260105], Mode.LTP);
    for await (const { apiKeyId, message } of manager.getUnifiedChannel()) {
      printed.push(`${apiKeyId} ${message.type}`);
      if (printed.includes('account1 ticks') && printed.includes('account2 ticks')) break;
    }

    // And the rest of it as the seed's README has it: the same instruments to one account.
    await manager.subscribeSymbolsToApi('account1', symbols, Mode.LTP);
    await eventually(() => {
      const modes = new Map(
        bench.simulator.connections
          .filter(({ apiKey }) => apiKey === 'api_key_1')
          .flatMap(({ book: held }) => [...held]),
      );
      // Where the strategy has put it on that account, it is one subscription, in the higher mode.
      expect([...symbols, 260105].map((token) => modes.get(token))).toEqual(['quote', 'ltp', 'quote', 'ltp']);
    });
    await manager.stop();
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });
});

/** A program of a user in a process of its own: how it ends, and what it prints. */
async function run(body: string, url: string): Promise<{ code: number | null; output: string }> {
  await using program = await Program.of(
    `import { MultiApiKiteTickerManager } from '@kite/multi-api';
     const options = { url: process.argv[2], enableDedicatedParsers: false,
       accounts: ['a', 'b'].map((id) => ({ id, apiKey: 'key-of-' + id, accessToken: 'token' })) };
     void (async () => { ${body} })();`,
    { resolveDir: import.meta.dirname },
  );
  const { code } = await program.run(url);
  return { code, output: program.output };
}

describe('a process', () => {
  test.each<[string, string]>([
    [
      'has stopped its manager',
      `const manager = new MultiApiKiteTickerManager({ ...options, replicas: 2 });
       manager.getUnifiedChannel({ throttleMs: 60_000 });
       await manager.start();
       await manager.subscribeSymbols([408065, 738561]);
       const channel = manager.getUnifiedChannel();
       await channel.recv();
       await manager.stop();`,
    ],
    [
      'has stopped it while an account was leaving and another one was joining',
      `const manager = new MultiApiKiteTickerManager(options);
       await manager.start();
       await manager.subscribeSymbols([408065, 738561]);
       void manager.removeApiKey('a');
       void manager.addApiKey('c', 'key-of-c', 'token');
       await manager.stop();`,
    ],
    [
      'has never started it',
      `const manager = new MultiApiKiteTickerManager(options);
       manager.getUnifiedChannel();
       await manager.subscribeSymbols([408065]);`,
    ],
  ])('ends by itself, and prints nothing, when it %s', { timeout: 30_000 }, async (_what, body) => {
    await using bench = await openBench({ ticksPerSecond: 100 });
    expect(await run(body, bench.simulator.url)).toEqual({ code: 0, output: '' });
  });

  test('ends by itself when every account was refused', { timeout: 30_000 }, async () => {
    await using bench = await openBench({ accounts: [] });
    const body = `await new MultiApiKiteTickerManager(options).start().catch(({ code }) => console.log(code));`;
    expect(await run(body, bench.simulator.url)).toEqual({
      code: 0,
      output: 'KITE_MULTI_API_START_FAILED\n',
    });
  });
});
