import { type Channel, KiteTickerManager, type ManagerOptions, type TickBatch } from '@kite/manager';
import { VirtualClock } from '@kite/testkit';

import { FakeMarket, type FakePeer } from './fake-market.js';

/** Three instruments. */
export const [A, B, C]: readonly [number, number, number] = [256_001, 256_257, 256_513];

/** A started manager in virtual time, on one connection. */
export async function bench(options: Partial<ManagerOptions> = {}) {
  const clock = new VirtualClock();
  const market = new FakeMarket(clock);
  const manager = new KiteTickerManager({
    ...{ apiKey: 'key-of-subscribers', accessToken: 'token', maxConnections: 1 },
    ...{ enableDedicatedParsers: false, clock, random: () => 0.5, transport: market },
    ...options,
  });
  const starting = manager.start();
  await clock.advance(500);
  await starting;
  return {
    clock,
    market,
    manager,
    get peer(): FakePeer {
      return market.connected[0]!;
    },
    /** Lets the requests of this turn be sent, and what follows at once happen. */
    turn: () => clock.advance(1),
    async [Symbol.asyncDispose](): Promise<void> {
      const stopping = manager.stop();
      await clock.advance(100);
      await stopping;
    },
  };
}

/** All that can be read without waiting. */
export function read<Item>(channel: Channel<Item>): Item[] {
  const items: Item[] = [];
  for (let item = channel.tryRecv(); item !== undefined; item = channel.tryRecv()) items.push(item);
  return items;
}

/** The ticks that can be read, in short. */
export function ticksOf(channel: Channel<TickBatch>): string[] {
  return read(channel).flatMap(({ ticks }) =>
    ticks.map(
      ({ instrumentToken, mode, lastPrice }) => `${'ABC'[(instrumentToken - A) / 256]} ${mode} ${lastPrice}`,
    ),
  );
}
