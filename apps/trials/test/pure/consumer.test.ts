import { expect, test } from 'vitest';
import { KiteError } from '@kite/protocol';
import { settled, VirtualClock } from '@kite/testkit';

import type { Client } from '../../src/client/client.js';
import { Consumer } from '../../src/run/consumer.js';

test('has not caught up while it waits to open another channel, because the one before has failed', async () => {
  const clock = new VirtualClock();
  let fail: (error: unknown) => void = () => undefined;
  const open: Client['open'] = () => ({
    next: () => new Promise((_, reject) => (fail = reject)),
    close: () => undefined,
  });
  const plan = { id: 'one', kind: 'messages', from: 0, takesMs: 0 } as const;
  const consumer = new Consumer(plan, { open }, clock, () => clock.monotonic());
  consumer.open();
  expect(consumer.hasCaughtUp).toBe(true);
  fail(new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'refused'));
  await settled();
  expect(consumer.hasCaughtUp).toBe(false);
  clock.pass(1000);
  await settled();
  expect(consumer.hasCaughtUp).toBe(true);
});
