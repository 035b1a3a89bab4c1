import { describe, expect, test } from 'vitest';
import { eventually, WAYS } from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';
import { program } from '../support/program.js';

describe.each(WAYS)('a process, $way', ({ enableDedicatedParsers }) => {
  const prologue = `
    import { KiteTickerManager } from '@kite/manager';
    const options = { apiKey, accessToken, enableDedicatedParsers: ${enableDedicatedParsers}, reconnectDelayMs: 20 };
  `;

  async function outcome(body: string, prepare?: (bench: Awaited<ReturnType<typeof openBench>>) => unknown) {
    await using bench = await openBench();
    await prepare?.(bench);
    await using child = await program(prologue + body);
    const { code } = await child.run(bench.simulator.url);
    return { code, output: child.output };
  }

  test('ends by itself after stop(), with every kind of consumer left behind', async () => {
    expect(
      await outcome(`
        const manager = new KiteTickerManager(options);
        manager.getUnifiedChannel({ throttleMs: 60_000 }).recv();
        manager.getAllRawFrameChannels();
        manager.on('ticks', () => {});
        manager.on('health', () => {});
        await manager.subscribeSymbols([408065, 884737, 738561]);
        await manager.start();
        await manager.stop();
        console.log('stopped');
      `),
    ).toEqual({ code: 0, output: 'stopped\n' });
  });

  test('ends by itself after a start() that failed', async () => {
    expect(
      await outcome(
        `
        const manager = new KiteTickerManager(options);
        await manager.start().catch((error) => console.log(error.code));
      `,
        ({ simulator }) => simulator.refuse(Infinity, 403),
      ),
    ).toEqual({ code: 0, output: 'KITE_MANAGER_START_FAILED\n' });
  });

  test('ends by itself when a manager was made and never started', async () => {
    expect(
      await outcome(`
        const manager = new KiteTickerManager(options);
        await manager.subscribeSymbols([408065]);
        manager.getUnifiedChannel();
      `),
    ).toEqual({ code: 0, output: '' });
  });

  test('ends by itself at the end of `await using`, after stop() during start(), and after starting again', async () => {
    expect(
      await outcome(`
        {
          await using manager = new KiteTickerManager(options);
          await manager.start();
          await manager.stop();
          await manager.start();
          const state = manager.getHealth().status;
          console.log(state);
        }
        const other = new KiteTickerManager(options);
        const starting = other.start().catch((error) => console.log(error.code));
        await other.stop();
        await starting;
      `),
    ).toEqual({ code: 0, output: 'healthy\nKITE_MANAGER_STOPPED\n' });
  });

  test('ends by itself once every connection has failed for good, whatever failoverAfterMs', async () => {
    await using bench = await openBench();
    await using child = await program(`${prologue}
      const manager = new KiteTickerManager({ ...options, unauthorizedRetryDelayMs: 20, failoverAfterMs: 600_000 });
      manager.on('health', ({ status }) => console.log(status));
      await manager.start();
    `);
    const exit = child.run(bench.simulator.url);
    await eventually(() => expect(child.output).toBe('healthy\n'));
    bench.simulator.refuse(Infinity, 403);
    bench.simulator.drop();
    expect(await exit).toMatchObject({ code: 0 });
    expect(child.output).toMatch(/critical\n$/);
  });

  test('lives on while a connection waits to be opened again', async () => {
    await using bench = await openBench();
    await using child = await program(`${prologue}
      const manager = new KiteTickerManager(options);
      manager.on('health', ({ status }) => console.log(status));
      process.once('SIGINT', () => void manager.stop());
      await manager.start();
    `);
    const exit = child.run(bench.simulator.url);
    await eventually(() => expect(child.output).toMatch(/healthy\n$/));
    await bench.simulator.pause();
    await eventually(() => expect(child.output).toMatch(/critical\n$/));
    await bench.simulator.resume();
    await eventually(() => expect(child.output).toMatch(/healthy\n$/));
    child.interrupt();
    expect(await exit).toMatchObject({ code: 0 });
    expect(child.output.trim().split('\n').at(-1)).toBe('healthy');
  });
});
