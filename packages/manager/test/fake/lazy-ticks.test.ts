import { expect, expectTypeOf, test } from 'vitest';
import { type Channel, KiteTickerManager, type LazyTickBatch } from '@kite/manager';
import { simulateDay } from '@kite/simulator';

test.each([false, true])('lazy ticks are the plain ones (with the I/O worker: %s)', async (isThreaded) => {
  await using day = simulateDay({ from: '09:20', instruments: 10 });
  const manager = new KiteTickerManager({
    ...day.options,
    ...{ apiKey: 'lazy', accessToken: 'token', enableDedicatedParsers: isThreaded },
  });
  const lazy = manager.ticks({ form: 'lazy' });
  expectTypeOf(lazy).toEqualTypeOf<Channel<LazyTickBatch>>();
  const plain = manager.ticks();
  await day.runUntil(manager.start());
  await day.runUntil(
    manager.subscribeSymbols(
      day.simulator.instruments.map(({ instrumentToken }) => instrumentToken),
      'full',
    ),
  );
  await day.run(2000);
  expect(lazy.size).toBeGreaterThan(10);
  for (let batch = lazy.tryRecv(); batch; batch = lazy.tryRecv()) {
    const { ticks, ...rest } = batch;
    expect({ ...rest, ticks: ticks.map((tick) => tick.toTick()) }).toEqual(plain.tryRecv());
  }
  expect(plain.size).toBe(0);
  expect(() => manager.getUnifiedChannel({ form: 'lazy' })).toThrow(
    expect.objectContaining({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'form' }),
  );
  await day.runUntil(manager.stop());
});
