/** Prints candles of a few instruments as they close: `npm run example candles -- NSE:INFY --interval 1m`. */
import { BARS_ERRORS, barsOf, MarketCalendar } from '@kite/bars';
import { KiteTickerManager, Mode } from '@kite/manager';

import { type Arguments, parseArguments } from './candles/arguments.js';
import { CandleLines } from './candles/candle-lines.js';
import { openFeed } from './kit/feed.js';
import { Lifetime } from './kit/lifetime.js';
import { program } from './kit/program.js';

await program(() => main(parseArguments(process.argv.slice(2))), BARS_ERRORS);

async function main({ tokens, interval, seconds, url }: Arguments): Promise<void> {
  using lifetime = new Lifetime(seconds);
  await using feed = await openFeed({ tokens, url });
  await using manager = new KiteTickerManager({ ...feed.connection, instruments: feed.instruments });
  lifetime.signal.addEventListener('abort', () => void manager.stop(), { once: true });
  const isOver = () => lifetime.signal.aborted;
  if (isOver()) return;
  console.log(`# the feed: ${feed.name}, candles of ${interval}`);

  // Only full packets carry the exchange's time and open interest.
  await manager.subscribeSymbols(tokens, Mode.Full);
  // A simulated market also trades at night: without sessions, its bars are counted from midnight.
  const calendar = feed.simulator ? { sessionOf: () => null } : new MarketCalendar();
  const names = new Map(feed.watched.map((one) => [one.instrumentToken, one.symbol]));
  const { stdout } = process;
  const lines = new CandleLines(names, stdout.isTTY ? stdout.columns : undefined);
  console.log(lines.head);

  try {
    await manager.start();
  } catch (error) {
    // Ctrl-C during the start is a normal end.
    if (isOver()) return;
    throw error;
  }
  // The loop ends when the manager stops. Candles still open then come last, unfinished.
  for await (const bar of barsOf(manager, { interval, calendar })) console.log(lines.of(bar));
}
