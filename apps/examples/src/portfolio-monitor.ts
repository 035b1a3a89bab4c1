/** A portfolio's value and today's gain, once a second. */
import { KiteTicker, Mode, type Tick } from '@kite/connection';

import { example } from './kit/example.js';
import { count, percent, rupees } from './kit/format.js';

interface Holding {
  readonly symbol: string;
  readonly quantity: number;
  readonly averagePrice: number;
}

/** The quantity, and the cost of one. */
const HOLDINGS: readonly Holding[] = [
  { symbol: 'INFY', quantity: 50, averagePrice: 1420.5 },
  { symbol: 'RELIANCE', quantity: 20, averagePrice: 2510 },
  { symbol: 'TCS', quantity: 12, averagePrice: 3705.75 },
  { symbol: 'ITC', quantity: 200, averagePrice: 431.2 },
];

await example(async ({ connection, instruments, onEnd }) => {
  // A single connection takes tokens. The managers also take names, with the option `instruments`.
  const holdings = new Map<number, Holding>();
  for (const holding of HOLDINGS) {
    const token = instruments.tokenOf(`NSE:${holding.symbol}`);
    if (token === undefined) console.log(`NSE has no ${holding.symbol}`);
    else holdings.set(token, holding);
  }
  await using ticker = new KiteTicker(connection);
  onEnd(() => ticker.close());
  await ticker.subscribe(holdings.keys(), Mode.Quote);
  await ticker.connect();

  const newest = new Map<number, Tick>();
  // A throttled channel delivers the newest tick of each instrument once in this time: a program that needs a figure a
  // second does not look at every tick, and may take its time.
  for await (const { ticks } of ticker.ticks({ throttleMs: 1000 })) {
    for (const tick of ticks) newest.set(tick.instrumentToken, tick);
    report(holdings, newest);
  }
});

function report(holdings: ReadonlyMap<number, Holding>, newest: ReadonlyMap<number, Tick>): void {
  let worth = 0;
  let today = 0;
  let paid = 0;
  for (const [token, { symbol, quantity, averagePrice }] of holdings) {
    const tick = newest.get(token);
    // An ltp tick has only a price, and TypeScript enforces it.
    if (!tick || tick.mode === 'ltp') continue;
    worth += quantity * tick.lastPrice;
    today += quantity * (tick.netChange ?? 0);
    paid += quantity * averagePrice;
    console.log(
      `  ${symbol.padEnd(10)} ${quantity} × ${rupees(tick.lastPrice, token)} (${percent(tick.changePercent ?? 0)})`,
    );
  }
  const profit = worth - paid;
  console.log(
    `worth ₹${count(worth)}, today ₹${count(today)}, profit ₹${count(profit)} (${percent((profit / paid) * 100)})`,
  );
}
