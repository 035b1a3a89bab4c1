/** The whole market in columns: the day's movers, once a second, without an object for each tick. */
import { KiteTickerManager, Mode, TickColumns } from '@kite/manager';

import { example } from './kit/example.js';
import { count, percent } from './kit/format.js';

const SHOWN = 3;

/** Minimum price, in rupees, and volume of a mover: one trade can double the price of an option at ₹0.05. */
const LEAST_PRICE = 20;
const LEAST_VOLUME = 1000;

await example(
  async ({ connection, tokens, nameOf, onEnd, sleep, signal }) => {
    // This example decodes nothing into objects, and rawOnly enforces it.
    await using manager = new KiteTickerManager({ ...connection, rawOnly: true });
    onEnd(() => manager.stop());
    await manager.subscribeSymbols(tokens, Mode.Quote);

    // A struct of typed arrays, a row for each packet. No depth: quotes have none.
    const columns = new TickColumns({ capacity: 16_384, depth: false });
    // A listener gets each frame at once. It copies the bytes into the columns, and keeps nothing else.
    manager.on('frame', ({ bytes }) => {
      columns.append(bytes);
    });
    await manager.start();

    const seen = new Set<number>();
    const changes = new Map<number, number>();
    while (!signal.aborted) {
      await sleep(1000);
      const { rows, instrumentToken, lastPrice, volumeTraded, changePercent } = columns;
      // Later rows are newer. Without a close, the change is NaN.
      for (let row = 0; row < rows; row++) {
        const token = instrumentToken[row]!;
        seen.add(token);
        const isMover = lastPrice[row]! >= LEAST_PRICE && volumeTraded[row]! >= LEAST_VOLUME;
        if (isMover && !Number.isNaN(changePercent[row]!)) changes.set(token, changePercent[row]!);
        else changes.delete(token);
      }
      columns.clear();

      const ranking = [...changes].sort(([, a], [, b]) => b - a);
      const cell = (mover: readonly [token: number, change: number] | undefined) =>
        mover ? `${nameOf(mover[0]).padEnd(24)} ${percent(mover[1]).padStart(8)}` : ' '.repeat(33);
      console.log(`${count(rows)} ticks, ${count(seen.size)} of ${count(tokens.length)} instruments seen`);
      // The best beside the worst.
      for (let place = 0; place < SHOWN; place++)
        console.log(`  ${cell(ranking[place])}   ${cell(ranking.at(-1 - place))}`);
    }
  },
  { instruments: 9000 },
);
