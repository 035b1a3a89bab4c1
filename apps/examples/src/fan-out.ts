/** One feed, many programs: a collector puts it on NATS, strategies subscribe there. One of them is killed. */
import { KiteTickerManager, Mode } from '@kite/manager';
import { NATS_ERRORS, openBusFeed, publishFeed, serveDemand } from '@kite/nats';

import { LocalNats } from './fan-out/local-nats.js';
import { Strategy } from './fan-out/strategy.js';
import { StrategyProcess } from './fan-out/strategy-process.js';
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

    const inFull = () => [...manager.subscriptions.values()].filter((mode) => mode === Mode.Full).length;
    const show = async (what: string, ...strategies: (Strategy | StrategyProcess)[]): Promise<void> => {
      await sleep(1500);
      const { size } = manager.subscriptions;
      console.log(`${what}: Kite streams ${size} instruments, ${inFull()} of them in full`);
      for (const strategy of strategies) console.log(`  ${await strategy.describe()}`);
    };

    // Two strategies, one of them in a process of its own. Both could run anywhere.
    const job = { servers, name: 'pairs', tokens: tokens.slice(0, 10), mode: Mode.Full };
    await using pairs = await StrategyProcess.start(job, signal);
    await using alertsFeed = await openBusFeed({ servers, name: 'alerts' });
    const alerts = new Strategy(alertsFeed);
    await alertsFeed.subscribeSymbols(tokens.slice(5), Mode.LTP);
    await show('two strategies', pairs, alerts);

    const since = Date.now() - 1000;
    await using lateFeed = await openBusFeed({ servers, name: 'late' });
    const late = new Strategy(lateFeed);
    await lateFeed.subscribeSymbols(tokens.slice(0, 10));
    let past = 0;
    const channel = lateFeed.ticks({ from: since });
    await show('a third one joins late', pairs, alerts, late);
    for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv())
      past += batch.ticks.filter(() => batch.receivedAt < since + 1000).length;
    console.log(`  and has read ${past} ticks from the second before it came`);

    await pairs.kill();
    const killedAt = performance.now();
    await show('pairs was killed, the others go on', alerts, late);
    // It could not say goodbye: its demand is a lease, which nobody renews any more.
    while (inFull() > 0) await sleep(200);
    const seconds = Math.round((performance.now() - killedAt) / 1000);
    await show(`${seconds} s later nobody wants full ticks any more`, alerts, late);
  },
  { instruments: 50, cures: NATS_ERRORS },
);
