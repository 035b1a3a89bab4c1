import { priceDivisor, Segment } from '@kite/protocol';

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
const NCO = 'prices of NCO are divided by 100';
const ABSENT = 'what a packet does not have is 0';
const CHANGE =
  'the net change is that of the prices, of an index too, and 0 in a quote; there is none in percent';

/** The official Go client. */
export const GO_DECODER: Decoder<
  typeof UNSIGNED_PRICES | typeof TIME_ZERO | typeof TRADABLE | typeof NCO | typeof ABSENT | typeof CHANGE
> = {
  differences: [UNSIGNED_PRICES, TIME_ZERO, TRADABLE, NCO, ABSENT, CHANGE],
  reading(tick, note) {
    const divisor = tick.segment === Segment.NCO ? 100 : priceDivisor(tick.instrumentToken);
    if (tick.segment === Segment.NCO) note(NCO);
    const price = (ours: number): number => unsignedWirePrice(tick, ours, note) / divisor;
    const tradable = !isOfIndex(tick);
    if (tradable !== tick.tradable) note(TRADABLE);
    const level = { quantity: 0, price: 0, orders: 0 };
    const nothing = {
      ohlc: { open: 0, high: 0, low: 0, close: 0 },
      last_traded_quantity: 0,
      average_traded_price: 0,
      volume_traded: 0,
      total_buy_quantity: 0,
      total_sell_quantity: 0,
      oi: 0,
      oi_day_high: 0,
      oi_day_low: 0,
      net_change: 0,
      last_trade_time: 0,
      exchange_timestamp: 0,
      depth: { buy: Array(5).fill(level), sell: Array(5).fill(level) },
    };
    const head = {
      ...nothing,
      tradable,
      mode: tick.mode,
      instrument_token: tick.instrumentToken,
      last_price: price(tick.lastPrice),
    };
    if (tick.mode !== 'full' || !tick.tradable) note(ABSENT);
    if (tick.mode === 'ltp') return head;
    note(CHANGE);
    const ohlc = ohlcOf(tick, price);
    const day = { ...head, ohlc };
    const netChange = head.last_price - ohlc.close;
    if (!tick.tradable) {
      const index = { ...day, net_change: netChange };
      return tick.mode === 'full'
        ? { ...index, exchange_timestamp: seconds(tick.exchangeTimestamp, note) }
        : index;
    }
    const quote = {
      ...day,
      ...tradedOf(tick, price),
    };
    if (tick.mode === 'quote') return quote;
    return {
      ...quote,
      net_change: netChange,
      last_trade_time: seconds(tick.lastTradeTime, note),
      exchange_timestamp: seconds(tick.exchangeTimestamp, note),
      ...openInterestOf(tick),
      depth: depthOf(tick, price),
    };
  },
};
