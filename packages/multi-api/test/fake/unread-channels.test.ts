import { afterEach, expect, test, vi } from 'vitest';
import { MultiApiKiteTickerManager } from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';

import { accounts } from '../support/multi-bench.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a unified channel that is full and not read is a reason of the health after ten seconds', async () => {
  await using day = simulateDay({ from: '09:20', instruments: 10 });
  const manager = new MultiApiKiteTickerManager({ ...day.options, accounts: accounts('one', 'other') });
  await day.runUntil(manager.start());
  manager.getUnifiedChannel({ capacity: 3 });
  await day.run(9000);
  expect(manager.getHealth().reasons).toEqual([]);
  await day.run(2000);
  expect(manager.getHealth()).toMatchObject({
    status: 'degraded',
    reasons: ['a channel of messages is full, and nobody has read it for 10 s'],
  });
  await day.runUntil(manager.stop());
});

test('a manager whose unified channel is read though it was never started warns of it once', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await using day = simulateDay({ from: '09:20', instruments: 10 });
  const manager = new MultiApiKiteTickerManager({ ...day.options, accounts: accounts('one') });
  void manager.getUnifiedChannel().recv();
  void manager.getUnifiedChannel().recv();
  await day.run(30_000);
  expect(warned.mock.calls).toEqual([
    ['a channel has been read for 10 s, and start() was never called', { type: 'KiteWarning' }],
  ]);
  await day.runUntil(manager.stop());
});
