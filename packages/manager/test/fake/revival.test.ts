import { expect, test } from 'vitest';
import { KiteTickerManager } from '@kite/manager';
import { VirtualClock } from '@kite/testkit';

import { FakeMarket } from '../support/fake-market.js';
test('a feed that comes back to life has a new end, and its channels work', async () => {
  const clock = new VirtualClock();
  const market = new FakeMarket(clock);
  const manager = new KiteTickerManager({
    apiKey: 'revived',
    accessToken: 'token',
    maxConnections: 1,
    enableDedicatedParsers: false,
    clock,
    random: () => 0.5,
    transport: market,
  });
  const subscriber = manager.subscriber();
  const starting = manager.start();
  await clock.advance(500);
  await starting;
  const ended = manager.ended;
  const theirs = subscriber.ended;
  market.answer = () => ({ status: 400, body: 'no such api_key' });
  market.connected[0]!.drop();
  await clock.advance(400_000);
  await expect(ended).rejects.toThrow();
  await expect(theirs).rejects.toThrow();
  market.answer = () => 'accept';
  await manager.updateCredentials({ accessToken: 'fresh' });
  await clock.advance(1000);
  expect(market.connected.length).toBe(1);
  expect(manager.ended).not.toBe(ended);
  expect(subscriber.ended).not.toBe(theirs);
  const stopping = manager.stop();
  await clock.advance(100);
  await stopping;
  await expect(manager.ended).resolves.toBeUndefined();
});
