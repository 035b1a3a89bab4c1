/** One instrument in ltp, quote and full: the fields of each mode, and its cost on the wire. */
import { isKiteError, KiteTicker, Mode, segmentOf } from '@kite/connection';
import { isTradable, PACKETS } from '@kite/protocol';

import { example } from './kit/example.js';

await example(
  async ({ connection, tokens, nameOf, onEnd }) => {
    // An index has no order book, whatever its mode.
    const token = tokens.find((one) => isTradable(segmentOf(one))) ?? 408065;
    await using ticker = new KiteTicker(connection);
    onEnd(() => ticker.close());
    await ticker.subscribe([token], Mode.LTP);
    await ticker.connect();

    const modes = [Mode.LTP, Mode.Quote, Mode.Full];
    for await (const { ticks } of ticker.ticks()) {
      // The server acknowledges nothing: wait for a tick in the new mode. One in the old mode may still come.
      const tick = ticks.find(({ mode }) => mode === modes[0]);
      if (!tick) continue;
      modes.shift();
      console.log(`${nameOf(token)} in ${tick.mode}, ${PACKETS[tick.mode].length} bytes:`);
      const fields = Object.keys(tick);
      for (let from = 0; from < fields.length; from += 4)
        console.log(`  ${fields.slice(from, from + 4).join(', ')}`);
      const [next] = modes;
      if (!next) break;
      await ticker.changeMode([token], next);
    }

    // It is strict: changing the mode of an instrument that is not subscribed is an error.
    await ticker.changeMode([5633], Mode.Full).catch((error: unknown) => {
      if (!isKiteError(error, 'KITE_CONNECTION_NOT_SUBSCRIBED')) throw error;
      console.log(`changing the mode of 5633 is refused, as it should be: ${error.message}`);
    });
  },
  { instruments: 6 },
);
