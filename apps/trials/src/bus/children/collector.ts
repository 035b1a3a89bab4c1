// A collector of the bus trial: publishes the market of the plan until it is killed.
import { publishFeed } from '@kite/nats';

import type { MarketPlan } from '../market.js';
import { MarketFeed } from '../market-feed.js';
import { untilReached } from '../until-reached.js';

const { plan, servers, publisher } = JSON.parse(process.argv[2]!) as {
  plan: MarketPlan;
  servers: string;
  publisher: string;
};
const feed = new MarketFeed(plan);
const published = await untilReached(() =>
  publishFeed({ feed: feed.asFeed, servers, publisher, onIssue: () => undefined }),
);
setInterval(() => {
  process.send?.(published.getStats());
}, 500);
process.on('disconnect', () => process.exit());
