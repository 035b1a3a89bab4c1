/**
 * `npm start`: the live market in the terminal, from Kite if there are credentials, else from a simulator.
 *
 * The whole path is here: a feed, a manager that keeps it alive (`live-market/live-market.ts`), and one of two views.
 */
import { KiteInputError } from '@kite/manager';
import { MAX_CONNECTIONS_PER_KEY, MAX_INSTRUMENTS_PER_CONNECTION } from '@kite/protocol';

import { openFeed } from './kit/feed.js';
import { Lifetime } from './kit/lifetime.js';
import { program } from './kit/program.js';
import { type Arguments, parseArguments } from './live-market/arguments.js';
import { counted, summaryOf, watchedOf } from './live-market/describe.js';
import { LiveMarket } from './live-market/live-market.js';
import { printMarket } from './live-market/plain.js';
import { showTable } from './live-market/screen/table-view.js';

await program(() => main(parseArguments(process.argv.slice(2))));

async function main(asked: Arguments): Promise<void> {
  const { seconds, fault: planned = [], plain = false, connections = MAX_CONNECTIONS_PER_KEY } = asked;
  using lifetime = new Lifetime(seconds);
  await using feed = await openFeed({ instruments: connections * MAX_INSTRUMENTS_PER_CONNECTION, ...asked });
  // A connection without an instrument would waste one of the account's three.
  await using market = new LiveMarket(feed, { maxConnections: Math.min(connections, feed.watched.length) });
  if (planned.length > 0 && !market.faults) throw unbreakable(feed.name);
  for (const { name, channelId, seconds: at } of planned)
    lifetime.after(at, () => void market.inject(name, channelId));

  const startedAt = performance.now();
  const show = !plain && canDraw() ? showTable : printLines;
  const parts = [market.run(lifetime.signal), show(market, lifetime)];
  // When one part ends, for any reason, the other must end too: it may own the terminal.
  const ends = await Promise.allSettled(parts.map((part) => part.finally(() => lifetime.end())));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  console.log(summaryOf(market.snapshot(), performance.now() - startedAt));
}

function unbreakable(name: string): KiteInputError {
  const allowed = 'no fault: only a simulated connection can be broken';
  return new KiteInputError('KITE_EXAMPLES_NO_FAULTS', { field: 'fault', value: name, allowed });
}

/** Whether there is a terminal to draw a table on, with a user in front of it. */
function canDraw(): boolean {
  return process.stdout.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI'];
}

async function printLines(market: LiveMarket, { signal }: Lifetime): Promise<void> {
  const { feed } = market;
  const { length } = market.snapshot().connections;
  console.log(`${feed.name}, ${watchedOf(feed.watched)}; ${counted(length, 'connection')}`);
  await printMarket(market, (line) => console.log(line), signal);
}
