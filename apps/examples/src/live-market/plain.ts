import { aborted } from './aborted.js';
import { lineOf, priceOf, totalFactsOf } from './describe.js';
import { clockTime } from './format.js';
import type { LiveMarket } from './live-market.js';

/** How many prices fit a line that people read. */
const PRICES = 3;

const INTERVAL_MS = 1000;

/** Prints a line for each event, and one a second for how things are, until the signal is aborted. */
export async function printMarket(
  market: LiveMarket,
  print: (line: string) => void,
  signal: AbortSignal,
  intervalMs = INTERVAL_MS,
): Promise<void> {
  const silence = market.events.on((event) => print(lineOf(event)));
  // Rates begin here.
  market.snapshot();
  const timer = setInterval(() => printStatus(market, print), intervalMs);
  await aborted(signal);
  clearInterval(timer);
  silence();
}

function printStatus(market: LiveMarket, print: (line: string) => void): void {
  const snapshot = market.snapshot();
  const { now, health } = snapshot;
  const prices = market.board.rows(0, PRICES, now).map(priceOf).join('  ');
  print(`${clockTime(now)}  ${health.status.padEnd(10)}  ${totalFactsOf(snapshot).join(', ')} | ${prices}`);
}
