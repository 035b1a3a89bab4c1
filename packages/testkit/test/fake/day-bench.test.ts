import { expect, test } from 'vitest';
import { DayBench } from '@kite/testkit';

test('a bench of a day stops all managers in the time of the day, and then the day', async () => {
  const log: string[] = [];
  const day = {
    simulator: { refuse: () => undefined, drop: () => 0 },
    run: async () => undefined,
    runUntil: async (promise: Promise<unknown>) => {
      await promise;
      log.push('run');
    },
    [Symbol.asyncDispose]: async () => void log.push('over'),
  };
  {
    await using bench = new DayBench(day, (options?: { name: string }) => ({
      subscribeSymbols: async () => undefined,
      stop: async () => void log.push(`stop ${options?.name ?? 'the first'}`),
    }));
    bench.another({ name: 'another' });
  }
  expect(log).toEqual(['stop the first', 'stop another', 'run', 'over']);
});
