// A strategy in a process of its own: reads a feed over the bus until it is killed, and says what it has read when asked.
import { openBusFeed } from '@kite/nats';

import { Strategy } from './strategy.js';
import type { StrategyJob } from './strategy-process.js';

const { servers, name, tokens, mode } = JSON.parse(process.argv[2]!) as StrategyJob;
process.on('disconnect', () => process.exit());
const feed = await openBusFeed({ servers, name });
const strategy = new Strategy(feed);
await feed.subscribeSymbols(tokens, mode);
process.on('message', () => process.send!(strategy.describe()));
process.send!('subscribed');
