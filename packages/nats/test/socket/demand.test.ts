import { describe, expect, test } from 'vitest';
import { KiteTickerManager } from '@kite/manager';
import { openBusFeed, publishFeed, serveDemand } from '@kite/nats';
import { type Mode } from '@kite/protocol';
import { startSimulator } from '@kite/simulator';
import {
  ACCESS_TOKEN,
  API_KEY,
  codeOf,
  collect,
  eventually,
  hasNoNatsServer,
  INFY,
  instruments,
  NatsServer,
  RELIANCE,
  STILL_MARKET,
} from '@kite/testkit';

import { keeper } from '../support/keeper.js';

const keep = keeper();

/** A simulator, a collector with room for ten instruments that publishes and serves demand, and programs. */
async function bench() {
  const server = keep(await NatsServer.start('-js'));
  const servers = server.address;
  const simulator = keep(await startSimulator(STILL_MARKET));
  const manager = keep(
    new KiteTickerManager({
      ...{ apiKey: API_KEY, accessToken: ACCESS_TOKEN, url: simulator.url },
      ...{ maxConnections: 1, maxSymbolsPerConnection: 10, enableDedicatedParsers: false },
    }),
  );
  await manager.start();
  const onIssue = (): void => undefined;
  keep(await publishFeed({ feed: manager, servers, publisher: 'collector', onIssue }));
  const serve = () => serveDemand({ manager, servers, onIssue });
  const demand = keep(await serve());
  const read = async (name: string) => keep(await openBusFeed({ servers, name }));
  return { server, simulator, manager, demand, serve, read };
}

describe.skipIf(hasNoNatsServer())('with a NATS server (skipped without nats-server 2.11 or newer)', () => {
  test('programs say what they want, and Kite is asked for the union in the highest mode, until they end', async () => {
    const { simulator, manager, read } = await bench();
    const [one, two] = [await read('one'), await read('two')];
    const ticks = collect(two.ticks());
    await one.subscribeSymbols([INFY], 'full');
    await two.subscribeSymbols([INFY, RELIANCE], 'ltp');
    expect(new Map(manager.subscriptions)).toEqual(
      new Map<number, Mode>([
        [INFY, 'full'],
        [RELIANCE, 'ltp'],
      ]),
    );
    await simulator.subscribed(RELIANCE, 'ltp');
    await simulator.play(RELIANCE, [100, 101], { everyMs: 5 });
    await eventually(() =>
      expect(ticks.flatMap((batch) => batch.ticks).map(({ lastPrice }) => lastPrice)).toContain(101),
    );
    await one.close();
    await eventually(() => expect(manager.subscriptions.get(INFY)).toBe('ltp'));
    await two.close();
    await eventually(() => expect(manager.subscriptions.size).toBe(0));
  });

  test('a demand beyond what is free fails for the program that made it last, with the manager’s own error', async () => {
    const { manager, read } = await bench();
    const [one, two] = [await read('one'), await read('two')];
    await one.subscribeSymbols(instruments(9));
    const local: unknown = await manager.subscribeSymbols([INFY, RELIANCE]).catch((error: unknown) => error);
    const refused: unknown = await two.subscribeSymbols([INFY, RELIANCE]).catch((error: unknown) => error);
    expect((refused as Error).message).toBe((local as Error).message);
    expect(refused).toMatchObject({ code: 'KITE_MANAGER_CAPACITY', requested: 2, available: 1 });
    expect(two.subscriptions.size).toBe(0);
    expect(await codeOf(one.subscribeSymbols([INFY]))).toBe(undefined);
    expect(manager.subscriptions.size).toBe(10);
  });

  test('demand outlives the NATS server and the collector', async () => {
    const { server, manager, demand, serve, read } = await bench();
    const one = await read('one');
    await one.subscribeSymbols([INFY]);
    await server.kill();
    await eventually(() => expect(one.getStats().isConnected).toBe(false));
    await server.start();
    await eventually(() => expect(one.getStats().isConnected).toBe(true));
    await one.subscribeSymbols([RELIANCE]);
    await eventually(() => expect(manager.subscriptions.size).toBe(2));
    await demand.close();
    expect(manager.subscriptions.size).toBe(0);
    keep(await serve());
    await eventually(() => expect(manager.subscriptions.size).toBe(2));
  });
});

test('serveDemand refuses what it cannot use, and names it', async () => {
  expect(await codeOf(serveDemand({ servers: 'localhost' } as never))).toBe('KITE_NATS_INVALID_OPTION');
  expect(await codeOf(serveDemand({ servers: 'localhost', manager: {} as never }))).toBe(
    'KITE_NATS_INVALID_OPTION',
  );
  const manager = new KiteTickerManager({ apiKey: API_KEY, accessToken: ACCESS_TOKEN });
  expect(await codeOf(serveDemand({ servers: '127.0.0.1:1', manager }))).toBe('KITE_NATS_UNREACHABLE');
  expect(await codeOf(serveDemand({ servers: 'localhost', manager, prefix: 'a.b' }))).toBe(
    'KITE_NATS_INVALID_OPTION',
  );
});
