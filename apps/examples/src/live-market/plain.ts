import { clockTime } from '../kit/format.js';
import { aborted } from './aborted.js';
import { healthOf, lineOf, priceOf, totalFactsOf } from './describe.js';
import type { MarketEvent } from './event-log.js';
import { ALL } from './listings.js';
import type { LiveMarket } from './live-market.js';
import { lookOf } from './streaming.js';
import { healthStyleOf, TONES } from './styles.js';
import { wrapped } from './wrapped.js';

/** In characters: narrow terminals, chats and mails show such a line whole. */
const WIDTH = 119;

/** How many prices fit a readable line. */
const PRICES = 3;

/** The further lines of an event are indented to its text, past the time and the kind. */
const INDENT = 22;

const INTERVAL_MS = 1000;

/** Prints a line for each event and a status line each second, until the signal is aborted. */
export async function printMarket(
  market: LiveMarket,
  print: (line: string) => void,
  signal: AbortSignal,
  intervalMs = INTERVAL_MS,
): Promise<void> {
  const silence = market.events.on((event) => printEvent(event, print));
  // Rates begin here.
  market.snapshot();
  const timer = setInterval(() => print(statusOf(market)), intervalMs);
  await aborted(signal);
  clearInterval(timer);
  silence();
}

function printEvent(event: MarketEvent, print: (line: string) => void): void {
  for (const line of wrapped(lineOf(event), WIDTH, INDENT)) print(TONES[event.tone](line));
}

/** The time, the health, a few facts, and as many prices as fit. */
function statusOf(market: LiveMarket): string {
  const snapshot = market.snapshot();
  const look = lookOf(snapshot);
  const health = healthOf(snapshot);
  let facts = `${health.padEnd(8)}  ${totalFactsOf(snapshot)}`;
  let separator = ' | ';
  for (const row of market.board.page(ALL, { first: 0, length: PRICES }, look).rows) {
    const price = separator + priceOf(row);
    if (TIME_WIDTH + facts.length + price.length > WIDTH) break;
    facts += price;
    separator = '  ';
  }
  const styled = facts.slice(0, WIDTH - TIME_WIDTH).replace(health, healthStyleOf(snapshot)(health));
  return `${clockTime(snapshot.now)}  ${styled}`;
}

/** The time and the gap behind it. */
const TIME_WIDTH = 10;
