import { expect, expectTypeOf, test } from 'vitest';
import {
  type Channel,
  type LazyTick,
  type LazyTickBatch,
  MultiApiKiteTickerManager,
  type Tick,
  type TickBatch,
} from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';

import { accounts } from '../support/multi-bench.js';

/** Every tick that waits, with who brought it and when. */
function drain<Batch extends TickBatch>(channel: Channel<Batch>, plain: (batch: Batch) => Tick[]): unknown[] {
  const read: unknown[] = [];
  for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv()) {
    const { apiKeyId, channelId, receivedAt } = batch;
    for (const tick of plain(batch)) read.push({ apiKeyId, channelId, receivedAt, tick });
  }
  return read;
}

const toPlain = ({ ticks }: LazyTickBatch): Tick[] => ticks.map((tick: LazyTick) => tick.toTick());

test.each([1, 2])('with %i copies of an instrument, lazy ticks are the plain ones', async (replicas) => {
  await using day = simulateDay({ from: '09:20', instruments: 10 });
  const manager = new MultiApiKiteTickerManager({
    ...day.options,
    // Divisors of the user hold wherever ticks take another form.
    ...{ accounts: accounts('one', 'other'), replicas, divisors: { 1: 1000 } },
  });
  const lazyBefore = manager.ticks({ form: 'lazy' });
  expectTypeOf(lazyBefore).toEqualTypeOf<Channel<LazyTickBatch>>();
  await day.runUntil(manager.start());
  await day.runUntil(
    manager.subscribeSymbols(
      day.simulator.instruments.map(({ instrumentToken }) => instrumentToken),
      'full',
    ),
  );
  await day.run(2000);
  expect(drain(lazyBefore, toPlain).length).toBeGreaterThan(10);
  const plain = manager.ticks();
  const heard: Tick[] = [];
  manager.on('ticks', ({ ticks }) => heard.push(...ticks));
  await day.run(2000);
  const read = drain(plain, ({ ticks }) => ticks);
  expect(read.length).toBeGreaterThan(10);
  expect(drain(lazyBefore, toPlain)).toEqual(read);
  expect(heard).toEqual(read.map((item) => (item as { tick: Tick }).tick));
  expect(heard.every((tick) => Object.getPrototypeOf(tick) === Object.prototype)).toBe(true);
  await day.runUntil(manager.stop());
});

test('channels of messages refuse lazy ticks', async () => {
  await using day = simulateDay({ from: '09:20', instruments: 1 });
  const manager = new MultiApiKiteTickerManager({ ...day.options, accounts: accounts('one') });
  const refusal = expect.objectContaining({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'form' }) as Error;
  expect(() => manager.messages({ form: 'lazy' })).toThrow(refusal);
  expect(() => manager.getUnifiedChannel({ form: 'lazy' })).toThrow(refusal);
  expect(() => manager.getChannel('one', 0, { form: 'lazy' })).toThrow(refusal);
});
