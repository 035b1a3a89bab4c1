import { expect, test } from 'vitest';
import { MultiApiKiteTickerManager, type MultiApiOptions } from '@kite/multi-api';
import { VirtualClock } from '@kite/testkit';

import { accounts } from '../support/multi-bench.js';

/** What runs the I/O workers, under its name, and how many it was asked for. It has none to give. */
function workerHost() {
  const asked = { workers: 0 };
  const spawn = (): never => {
    asked.workers++;
    throw new Error('no worker here');
  };
  return { asked, option: { [Symbol.for('@kite/io-worker')]: { spawn } } };
}

const { asked, option } = workerHost();
const other = workerHost();

test.each<{ where: string; options: MultiApiOptions }>([
  { where: 'as an option', options: option },
  { where: 'in baseConfig', options: { baseConfig: option } },
  { where: 'as an option, whatever is in baseConfig', options: { ...option, baseConfig: other.option } },
])('the host of the I/O workers, given $where, is asked for one by each account', async ({ options }) => {
  asked.workers = 0;
  const clock = new VirtualClock();
  // A network in which nobody ever answers.
  const silence = () => undefined;
  const transport = { open: () => ({ send: silence, ping: silence, close: silence, terminate: silence }) };
  const manager = new MultiApiKiteTickerManager({
    accounts: accounts('one', 'other'),
    clock,
    transport,
    ...options,
  });
  const starting = manager.start().catch((error: unknown) => error);
  await clock.advance(10);
  expect([asked.workers, other.asked.workers]).toEqual([2, 0]);
  const stopping = manager.stop();
  await clock.advance(2000);
  await stopping;
  expect(await starting).toMatchObject({ code: 'KITE_MULTI_API_STOPPED' });
  expect(clock.pending).toBe(0);
});

test('a host that cannot start a worker is refused', () => {
  const options = { [Symbol.for('@kite/io-worker')]: {} };
  expect(() => new MultiApiKiteTickerManager(options)).toThrow(
    expect.objectContaining({ code: 'KITE_MULTI_API_INVALID_OPTION', field: '@kite/io-worker' }),
  );
});
