/** One feed, many programs: a collector puts it on NATS, strategies subscribe there. One of them dies. */
import { KiteTickerManager, Mode } from '@kite/manager';
import { NATS_ERRORS, openBusFeed, publishFeed, serveDemand } from '@kite/nats';

import { LocalNats } from './fan-out/local-nats.js';
import { Strategy } from './fan-out/strategy.js';
import { example } from './kit/example.js';

await example(
  async ({ connection, tokens, sleep, signal }) => {
    await using server = await LocalNats.start();
    const { servers } = server;

    // The collector: its own program, on the machine with the account.
    await using manager = new KiteTickerManager({ ...connection, maxConnections: 1 });
    await manager.start();
    await using _publisher = await publishFeed({ feed: manager, servers, publisher: 'collector' });
    await using _demand = await serveDemand({ manager, servers });

    const strategies: Strategy[] = [];
    const open = async (name: string) => {
      const feed = await openBusFeed({ servers, name });
      strategies.push(new Strategy(feed));
      return feed;
    };
    const show = async (what: string): Promise<void> => {
      await sleep(2000);
      if (signal.aborted) return;
      const full = [...manager.subscriptions.values()].filter((mode) => mode === Mode.Full).length;
      console.log(`${what}: Kite streams ${manager.subscriptions.size} instruments, ${full} of them in full`);
      for (const strategy of strategies) console.log(`  ${strategy.describe()}`);
    };

    // Two strategies, which could run anywhere.
    await using pairs = await open('pairs');
    await using alerts = await open('alerts');
    await pairs.subscribeSymbols(tokens.slice(0, 10), Mode.Full);
    await alerts.subscribeSymbols(tokens.slice(5), Mode.LTP);
    await show('two strategies');

    const since = Date.now() - 1000;
    await using late = await open('late');
    await late.subscribeSymbols(tokens.slice(0, 10));
    let past = 0;
    const channel = late.ticks({ from: since });
    await show('a third one joins late');
    for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv())
      past += batch.ticks.filter(() => batch.receivedAt < since + 1000).length;
    console.log(`  and has read ${past} ticks from the second before it came`);

    await pairs.close();
    strategies.shift();
    await show('pairs has ended');
  },
  { instruments: 50, cures: NATS_ERRORS },
);
