/** A live option chain in the terminal: the strikes around the money follow the index. */
import type { ChainRow } from '@kite/instruments';
import { type FullTick, KiteTickerManager, Mode, type Tick } from '@kite/manager';

import { example } from './kit/example.js';
import { chainTable } from './option-chain/chain-table.js';
import { Repainter } from './option-chain/repainter.js';

const INDEX = 'NSE:NIFTY 50';
/** The name that its derivatives use. */
const UNDERLYING = 'NIFTY';
/** Strikes on each side of the money. */
const AROUND = 5;

await example(async ({ connection, instruments, onEnd, sleep, signal }) => {
  await using manager = new KiteTickerManager({ ...connection, instruments, lastTicks: true });
  onEnd(() => manager.stop());
  await manager.subscribeSymbols([INDEX], Mode.Quote);
  await manager.start();

  const expiry = instruments.expiries(UNDERLYING)[0];
  const screen = new Repainter();
  let rows: readonly ChainRow[] = [];
  while (!signal.aborted) {
    const spot = manager.getLastTick(INDEX)?.tick;
    if (spot) {
      const around = instruments.atTheMoney(UNDERLYING, spot.lastPrice, AROUND, expiry);
      // Only strikes that have come or gone: those in the middle stream on without a pause.
      const before = new Set(tokensOf(rows));
      const now = new Set(tokensOf(around));
      rows = around;
      await manager.subscribeSymbols(
        [...now].filter((token) => !before.has(token)),
        Mode.Full,
      );
      await manager.unsubscribeSymbols([...before].filter((token) => !now.has(token)));
      const title = `${UNDERLYING}, ${expiry ?? 'no expiry'}`;
      const { stdout } = process;
      screen.paint(chainTable({ title, spot, rows, tickOf }, stdout.isTTY ? stdout.columns : undefined));
    }
    await sleep(500);
  }

  function tickOf(token: number | undefined): FullTick | undefined {
    const tick: Tick | undefined = token === undefined ? undefined : manager.getLastTick(token)?.tick;
    return tick?.mode === 'full' && tick.tradable ? tick : undefined;
  }
});

function tokensOf(rows: readonly ChainRow[]): number[] {
  return rows.flatMap(({ ce, pe }) => [ce, pe].flatMap((option) => option?.instrumentToken ?? []));
}
