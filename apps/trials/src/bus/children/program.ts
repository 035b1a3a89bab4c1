// A program of the bus trial: reads its instruments until it is killed, and tells every half second what it has seen.
import { setTimeout as delay } from 'node:timers/promises';
import { openBusFeed } from '@kite/nats';

import { Ledger } from '../ledger.js';
import type { MarketPlan } from '../market.js';
import type { ProgramTold } from '../told.js';
import { untilReached } from '../until-reached.js';

const { plan, servers, name, tokens, pauseMs } = JSON.parse(process.argv[2]!) as {
  plan: MarketPlan;
  servers: string;
  name: string;
  tokens: number[];
  /** How long it sleeps now and then, with a channel that is too small for that. */
  pauseMs: number;
};
const CAPACITY = 50;
const READ_AT_ONCE = 30;

process.on('disconnect', () => process.exit());
const ledger = new Ledger(plan);
const feed = await untilReached(() => openBusFeed({ servers, name }));
const openedAt = Date.now();
const channel = feed.messages(pauseMs > 0 ? { capacity: CAPACITY } : {});
setInterval(() => {
  ledger.settle(performance.now());
  const toldAt = Date.now();
  const shownUntil = ledger.shownUntil(tokens);
  const told: ProgramTold = {
    ...{ ...ledger.seen, openedAt, toldAt, open: ledger.open, orderIds: ledger.orders },
    behindMs: shownUntil === undefined ? null : toldAt - shownUntil,
  };
  process.send?.(told);
}, 500);
await feed.subscribeSymbols(tokens, 'ltp');
let count = 0;
for await (const message of channel) {
  ledger.take(message, performance.now());
  if (pauseMs > 0 && ++count % READ_AT_ONCE === 0) await delay(pauseMs);
}
