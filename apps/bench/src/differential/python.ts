import { priceDivisor } from '@kite/protocol';

import {
  type Decoder,
  depthOf,
  isOfIndex,
  ohlcOf,
  openInterestOf,
  seconds,
  TIME_ZERO,
  tradedOf,
  UNSIGNED_PRICES,
  unsignedWirePrice,
} from './reading.js';

const TRADABLE = 'index packets of other segments are tradable, and other packets of an index are not';
const CHANGE = 'where the close is 0 the change is 0';

/** The official Python client. */
export const PYTHON_DECODER: Decoder<
  typeof UNSIGNED_PRICES | typeof TIME_ZERO | typeof TRADABLE | typeof CHANGE
> = {
  differences: [UNSIGNED_PRICES, TIME_ZERO, TRADABLE, CHANGE],
  reading(tick, note) {
    const price = (ours: number): number =>
      unsignedWirePrice(tick, ours, note) / priceDivisor(tick.instrumentToken);
    const tradable = !isOfIndex(tick);
    if (tradable !== tick.tradable) note(TRADABLE);
    const head = {
      tradable,
      mode: tick.mode,
      instrument_token: tick.instrumentToken,
      last_price: price(tick.lastPrice),
    };
    if (tick.mode === 'ltp') return head;
    const ohlc = ohlcOf(tick, price);
    if (ohlc.close === 0) note(CHANGE);
    const change = ohlc.close === 0 ? 0 : ((head.last_price - ohlc.close) * 100) / ohlc.close;
    const day = { ...head, ohlc, change };
    if (!tick.tradable)
      return tick.mode === 'full'
        ? { ...day, exchange_timestamp: seconds(tick.exchangeTimestamp, note) }
        : day;
    const quote = {
      ...day,
      ...tradedOf(tick, price),
    };
    if (tick.mode === 'quote') return quote;
    return {
      ...quote,
      last_trade_time: seconds(tick.lastTradeTime, note),
      exchange_timestamp: seconds(tick.exchangeTimestamp, note),
      ...openInterestOf(tick),
      depth: depthOf(tick, price),
    };
  },
};
