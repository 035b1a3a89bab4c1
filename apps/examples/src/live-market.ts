/**
 * `npm start`: the live market in the terminal, from Kite where there are credentials and else from a simulator.
 *
 * The whole path is here: a feed, a ticker that keeps it alive (`live-market/live-market.ts`), and one of two views.
 */
import { KiteInputError } from '@kite/connection';
import { CommanderError } from 'commander';

import { openFeed } from './feed/feed.js';
import { parseArguments, type Arguments } from './live-market/arguments.js';
import { summaryOf, watchedOf } from './live-market/describe.js';
import { failureOf } from './live-market/failure.js';
import { Lifetime } from './live-market/lifetime.js';
import { LiveMarket } from './live-market/live-market.js';
import { printMarket } from './live-market/plain.js';
import { showTable } from './live-market/screen/table-view.js';

// A reader that has enough (`npm start | head`) is no error.
process.stdout.on('error', () => undefined);

try {
  await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const { text, exitCode } = failureOf(error);
    console.error(text);
    process.exitCode = exitCode;
  }
}

async function main({ seconds, fault: planned = [], plain = false, ...options }: Arguments): Promise<void> {
  using lifetime = new Lifetime(seconds);
  await using feed = await openFeed(options);
  await using market = new LiveMarket(feed);
  if (planned.length > 0 && !feed.faults) throw unbreakable(feed.name);
  for (const fault of planned) lifetime.after(fault.seconds, () => void market.inject(fault.name));

  const startedAt = performance.now();
  const show = !plain && canDraw() ? showTable : printLines;
  const parts = [market.run(lifetime.signal), show(market, lifetime)];
  // When one part ends, for whatever reason, the other is to end as well, and has to: it may own the terminal.
  const ends = await Promise.allSettled(parts.map((part) => part.finally(() => lifetime.end())));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  console.log(summaryOf(market.snapshot(), performance.now() - startedAt));
}

function unbreakable(name: string): KiteInputError {
  const allowed = 'no fault: only a simulated connection can be broken';
  return new KiteInputError('KITE_EXAMPLES_NO_FAULTS', { field: 'fault', value: name, allowed });
}

/** Whether there is a terminal that a table can be drawn on, and somebody before it. */
function canDraw(): boolean {
  return process.stdout.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI'];
}

async function printLines(market: LiveMarket, { signal }: Lifetime): Promise<void> {
  console.log(`${market.feed.name}, ${watchedOf(market.feed.watched)}`);
  await printMarket(market, (line) => console.log(line), signal);
}
