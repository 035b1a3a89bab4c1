import { priceDivisor } from '@kite/protocol';

import {
  type Decoder,
  depthOf,
  isOfIndex,
  ohlcOf,
  openInterestOf,
  seconds,
  TIME_ZERO,
  UNSIGNED_PRICES,
  unsignedWirePrice,
} from './reading.js';

const AS_INDEX = 'a quote or full packet of an index is read as a full index packet';
const AS_LTP = 'of an index packet of another segment only token and price are read';
const CHANGE = 'there is no change';

const NOTHING = {
  last_quantity: null,
  average_price: null,
  volume: null,
  buy_quantity: null,
  sell_quantity: null,
  open: null,
  high: null,
  low: null,
  close: null,
  oi: null,
  oi_day_high: null,
  oi_day_low: null,
  last_trade_time: null,
  exchange_time: null,
  depth: null,
};

/** The official Rust client. */
export const RUST_DECODER: Decoder<
  typeof UNSIGNED_PRICES | typeof TIME_ZERO | typeof AS_INDEX | typeof AS_LTP | typeof CHANGE
> = {
  differences: [UNSIGNED_PRICES, TIME_ZERO, AS_INDEX, AS_LTP, CHANGE],
  reading(tick, note) {
    const divisor = priceDivisor(tick.instrumentToken);
    const unsigned = (ours: number): number => unsignedWirePrice(tick, ours, note);
    const price = (ours: number): number => unsigned(ours) / divisor;
    const head = {
      ...NOTHING,
      instrument_token: tick.instrumentToken,
      is_index: isOfIndex(tick),
      last_price: price(tick.lastPrice),
    };
    if (tick.mode === 'ltp') return head;
    note(CHANGE);
    if (!tick.tradable) {
      if (!isOfIndex(tick)) {
        note(AS_LTP);
        return head;
      }
      const day = { ...head, ...ohlcOf(tick, price) };
      return tick.mode === 'full' ? { ...day, exchange_time: seconds(tick.exchangeTimestamp, note) } : day;
    }
    if (isOfIndex(tick)) {
      note(AS_INDEX);
      return {
        ...head,
        high: tick.lastTradedQuantity / divisor,
        low: price(tick.averageTradedPrice),
        open: tick.volumeTraded / divisor,
        close: tick.totalBuyQuantity / divisor,
        exchange_time: unsigned(tick.ohlc.open),
      };
    }
    const quote = {
      ...head,
      ...ohlcOf(tick, price),
      last_quantity: tick.lastTradedQuantity,
      average_price: price(tick.averageTradedPrice),
      volume: tick.volumeTraded,
      buy_quantity: tick.totalBuyQuantity,
      sell_quantity: tick.totalSellQuantity,
    };
    if (tick.mode === 'quote') return quote;
    return {
      ...quote,
      last_trade_time: seconds(tick.lastTradeTime, note),
      exchange_time: seconds(tick.exchangeTimestamp, note),
      ...openInterestOf(tick),
      depth: depthOf(tick, price),
    };
  },
};
