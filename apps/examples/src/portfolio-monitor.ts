/** What a portfolio is worth and what it has made today, once a second. */
import { KiteTicker, Mode, type Tick } from '@kite/connection';

import { example } from './kit/example.js';
import { count, percent } from './live-market/format.js';

/** By instrument token: how many, and what one cost. */
const HOLDINGS = new Map([
  [408065, { quantity: 50, averagePrice: 1420.5 }],
  [738561, { quantity: 20, averagePrice: 2510 }],
  [2953217, { quantity: 12, averagePrice: 3705.75 }],
  [424961, { quantity: 200, averagePrice: 431.2 }],
]);

await example(async ({ connection, nameOf, onEnd }) => {
  await using ticker = new KiteTicker(connection);
  onEnd(() => ticker.close());
  await ticker.subscribe(HOLDINGS.keys(), Mode.Quote);
  await ticker.connect();

  const newest = new Map<number, Tick>();
  // A throttled channel hands over the newest tick of each instrument, once in so long: whoever wants a figure a second
  // does not look at every tick, and may take his time.
  for await (const { ticks } of ticker.ticks({ throttleMs: 1000 })) {
    for (const tick of ticks) newest.set(tick.instrumentToken, tick);
    report(newest, nameOf);
  }
});

function report(newest: ReadonlyMap<number, Tick>, nameOf: (token: number) => string): void {
  let worth = 0;
  let today = 0;
  let paid = 0;
  for (const [token, { quantity, averagePrice }] of HOLDINGS) {
    const tick = newest.get(token);
    // An ltp tick has a price and nothing else; TypeScript knows, and insists.
    if (!tick || tick.mode === 'ltp') continue;
    worth += quantity * tick.lastPrice;
    today += quantity * (tick.netChange ?? 0);
    paid += quantity * averagePrice;
    console.log(
      `  ${nameOf(token).padEnd(10)} ${quantity} × ${tick.lastPrice.toFixed(2)} (${percent(tick.changePercent ?? 0)})`,
    );
  }
  const profit = worth - paid;
  console.log(
    `worth ₹${count(worth)}, today ₹${count(today)}, profit ₹${count(profit)} (${percent((profit / paid) * 100)})`,
  );
}
