/** A look into every kind of packet where it lies: full, index, header alone, quote and ltp, nothing decoded. */
import {
  asIndexQuote32,
  asInstHeader64,
  asTickRaw,
  FrameCursor,
  KiteTicker,
  Mode,
  packets,
} from '@kite/connection';

import { example } from './kit/example.js';

await example(
  async ({ connection, tokens, nameOf, onEnd }) => {
    await using ticker = new KiteTicker({ ...connection, rawOnly: true });
    onEnd(() => ticker.close());
    // An index, and three instruments in a mode each.
    const [index = 256265, , , , full = 738561, quote = 408065, ltp = 2953217] = tokens;
    await ticker.subscribe([index, full], Mode.Full);
    await ticker.subscribe([quote], Mode.Quote);
    await ticker.subscribe([ltp], Mode.LTP);
    await ticker.connect();

    const cursor = new FrameCursor();
    const missing = new Set([8, 32, 44, 184]);
    for await (const { bytes } of ticker.subscribeRawFrames()) {
      for (const body of packets(bytes)) {
        if (!missing.delete(body.length)) continue;
        const tick = asTickRaw(body); // null unless it has 184 bytes, and so on
        if (tick) {
          const { header, depth } = tick;
          console.log(
            `184  ${nameOf(header.instrumentToken)} ${header.lastPrice} (${header.lastPriceRaw} on the wire)`,
          );
          console.log(
            `     bid ${depth.buy[0].qty} × ${depth.buy[0].price}, ask ${depth.sell[0].qty} × ${depth.sell[0].price}`,
          );
          // The head of the same bytes, without the depth: the 64 bytes that the name says.
          console.log(`     volume ${asInstHeader64(body)?.volumeTraded}, open interest ${header.oi}`);
        }
        const quote = asIndexQuote32(body);
        if (quote)
          console.log(
            ` 32  ${nameOf(quote.instrumentToken)} ${quote.lastPrice}, change ${quote.priceChange}`,
          );
      }
      // The cursor reads all kinds alike. What a kind does not have is NaN.
      cursor.reset(bytes);
      while (cursor.next()) {
        const { instrumentToken, mode, lastPrice, volumeTraded } = cursor;
        if (instrumentToken === quote && mode === 'quote')
          console.log(` 44  ${nameOf(quote)} ${lastPrice}, volume ${volumeTraded}`);
        if (instrumentToken === ltp && mode === 'ltp')
          console.log(`  8  ${nameOf(ltp)} ${lastPrice}, volume ${volumeTraded}`);
      }
      if (missing.size === 0) break;
    }
  },
  { instruments: 7 },
);
