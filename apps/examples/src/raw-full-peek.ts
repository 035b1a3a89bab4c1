/** A look into every kind of packet in place: full, index, header only, quote and ltp, nothing decoded. */
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
import { count, price } from './kit/format.js';

await example(
  async ({ connection, tokens, nameOf, onEnd }) => {
    await using ticker = new KiteTicker({ ...connection, rawOnly: true });
    onEnd(() => ticker.close());
    // An index, and three instruments in one mode each.
    const [index = 256265, , , , full = 738561, quote = 408065, ltp = 2953217] = tokens;
    await ticker.subscribe([index, full], Mode.Full);
    await ticker.subscribe([quote], Mode.Quote);
    await ticker.subscribe([ltp], Mode.LTP);
    await ticker.connect();

    const cursor = new FrameCursor();
    // Each new kind, by its length.
    const missing = new Set([8, 32, 44, 184]);
    for await (const { bytes } of ticker.subscribeRawFrames()) {
      for (const body of packets(bytes)) {
        // Each view is null for a body of another length.
        const tick = asTickRaw(body);
        if (tick && missing.delete(body.length)) {
          const { header, depth } = tick;
          const [bid, ask] = [depth.buy[0], depth.sell[0]];
          console.log(
            `184  ${nameOf(header.instrumentToken)} ${price(header.lastPrice, header.instrumentToken)} (${header.lastPriceRaw} on the wire)`,
          );
          console.log(
            `     bid ${count(bid.qty)} × ${price(bid.price, header.instrumentToken)}, ask ${count(ask.qty)} × ${price(ask.price, header.instrumentToken)}`,
          );
          // The head of the same bytes, for readers that need no depth.
          console.log(
            `     volume ${count(asInstHeader64(body)?.volumeTraded ?? 0)}, open interest ${count(header.oi)}`,
          );
        }
        const level = asIndexQuote32(body);
        if (level && missing.delete(body.length))
          console.log(
            ` 32  ${nameOf(level.instrumentToken)} ${price(level.lastPrice, level.instrumentToken)}, change ${price(level.priceChange, level.instrumentToken)}`,
          );
      }
      // The cursor reads all kinds alike. A field that a kind lacks is NaN.
      cursor.reset(bytes);
      while (cursor.next()) {
        const { length, instrumentToken, lastPrice, volumeTraded } = cursor;
        if ((instrumentToken === quote && length === 44) || (instrumentToken === ltp && length === 8))
          if (missing.delete(length))
            console.log(
              `${String(length).padStart(3)}  ${nameOf(instrumentToken)} ${price(lastPrice, instrumentToken)}, ${Number.isNaN(volumeTraded) ? 'no volume in this kind' : `volume ${count(volumeTraded)}`}`,
            );
      }
      if (missing.size === 0) break;
    }
  },
  { instruments: 7 },
);
