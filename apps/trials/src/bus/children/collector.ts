// A collector of the bus trial: publishes what programs want of the market of the plan, until it is killed.
import { publishFeed, serveDemand } from '@kite/nats';

import type { MarketPlan } from '../market.js';
import { MarketFeed } from '../market-feed.js';
import type { CollectorTold } from '../told.js';
import { untilReached } from '../until-reached.js';

const { plan, servers, name } = JSON.parse(process.argv[2]!) as {
  plan: MarketPlan;
  servers: string;
  name: string;
};
process.on('disconnect', () => process.exit());
const feed = new MarketFeed(plan);
const onIssue = (): void => undefined;
const publisher = await untilReached(() =>
  publishFeed({ feed: feed.asFeed, servers, publisher: name, onIssue }),
);
await untilReached(() => serveDemand({ manager: feed, servers, onIssue }));
let storedOrderIds: readonly string[] = [];
setInterval(() => {
  const { published, ordersWaiting } = publisher.getStats();
  if (ordersWaiting === 0) storedOrderIds = [...feed.orderIds];
  const told: CollectorTold = { published, symbolCount: feed.tokens.size, storedOrderIds };
  process.send?.(told);
}, 500);
