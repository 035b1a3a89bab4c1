/** The order books of all instruments at full speed: one cursor, no object for a tick, a signal from each book. */
import { FrameCursor, KiteTickerManager, Mode } from '@kite/manager';

import { example } from './kit/example.js';
import { count } from './kit/format.js';

/** The imbalance of bids over offers at the top of the book, -1 to 1, that makes a signal. */
const LOPSIDED = 0.8;

await example(
  async ({ connection, tokens, nameOf, onEnd, sleep, signal, simulator }) => {
    await using manager = new KiteTickerManager({ ...connection, rawOnly: true });
    onEnd(() => manager.stop());
    await manager.subscribeSymbols(tokens, Mode.Full);
    // Kite sends at most about four ticks a second for an instrument; a simulator has no such limit.
    simulator?.setTicksPerSecond(30_000);

    // One object moves over every packet of every frame. Each getter reads its field from the frame's bytes.
    const cursor = new FrameCursor();
    let ticks = 0;
    let signals = 0;
    let busyMs = 0;
    let last = { token: 0, imbalance: 0 };
    manager.on('frame', ({ bytes }) => {
      const began = performance.now();
      cursor.reset(bytes);
      while (cursor.next()) {
        ticks++;
        const bid = cursor.buyQuantity(0);
        const offered = cursor.sellQuantity(0);
        // A field that a packet's kind lacks is NaN (an index has no book), and NaN is never greater.
        const imbalance = (bid - offered) / (bid + offered);
        if (Math.abs(imbalance) > LOPSIDED) {
          signals++;
          last = { token: cursor.instrumentToken, imbalance };
        }
      }
      busyMs += performance.now() - began;
    });
    await manager.start();

    while (!signal.aborted) {
      await sleep(1000);
      const nanoseconds = ticks === 0 ? 0 : (busyMs * 1e6) / ticks;
      console.log(`${count(ticks)} books, ${nanoseconds.toFixed(0)} ns each, ${count(signals)} lopsided`);
      if (last.token !== 0) console.log(`  the last: ${nameOf(last.token)} ${last.imbalance.toFixed(2)}`);
      ticks = signals = busyMs = 0;
    }
  },
  { instruments: 3000 },
);
