/** A watch list that grows and shrinks over three connections: capacity, placement, and dead tokens. */
import { isKiteError, KiteTickerManager, Mode } from '@kite/manager';

import { example } from './kit/example.js';
import { MISTYPED_TOKEN } from './kit/watch-list.js';

/** Small, so that the limit shows. Kite's is 3000. */
const SYMBOLS_PER_CONNECTION = 10;

await example(
  async ({ connection, instruments, tokens, onEnd, sleep }) => {
    await using manager = new KiteTickerManager({
      ...connection,
      instruments,
      defaultMode: Mode.LTP,
      maxSymbolsPerConnection: SYMBOLS_PER_CONNECTION,
    });
    onEnd(() => manager.stop());
    await manager.start();
    const show = (what: string) => {
      const held = Object.values(manager.getSymbolDistribution()).map(({ length }) => length);
      console.log(`${what.padEnd(28)} ${held.join(' + ')}, room for ${manager.getFreeCapacity()} more`);
    };
    show('started');

    // In batches, as a scanner finds them. Each batch is one request for each connection it touches.
    for (let at = 0; at < 15; at += 5) {
      await manager.subscribeSymbols(tokens.slice(at, at + 5));
      show(`${at + 5} instruments`);
      await sleep(100);
    }

    // All or nothing: a batch that does not fit changes nothing, and the error says how many would fit.
    const tooMany = Array.from({ length: 40 }, (_, index) => 256 * (index + 1) + 1);
    try {
      await manager.subscribeSymbols(tooMany);
    } catch (error) {
      if (!isKiteError(error, 'KITE_MANAGER_CAPACITY')) throw error;
      console.log(`${error.requested} more do not fit, ${error.available} would`);
    }
    show('after that');

    await manager.changeMode(tokens.slice(0, 5), Mode.Full);
    show('five of them in full');
    await manager.unsubscribeSymbols(tokens.slice(0, 10));
    show('ten unsubscribed');

    // Kite acknowledges nothing. A live token sends its last tick at once, so a silent one is mistyped or dead.
    await manager.subscribeSymbols(['NSE:INFY', MISTYPED_TOKEN]);
    await sleep(1100);
    console.log(`silent for a second: ${manager.getSilentSymbols(1000).join(', ') || 'none'}`);
  },
  { instruments: 15 },
);
