import { priceDivisor, Segment } from '@kite/protocol';

import {
  type Decoder,
  depthOf,
  isOfIndex,
  ohlcOf,
  openInterestOf,
  seconds,
  TIME_ZERO,
  wirePrice,
} from './reading.js';

const DIVISORS =
  'prices of CDS and BCD are divided by a tenth of what they should be, and those of NCO by 100';
const NSE = 'an instrument of NCO is one of NSE';
const AS_INDEX = 'a quote or full packet of an index is read as a full index packet';
const AS_LTP = 'of an index packet of another segment only token and price are read';
const CHANGE = 'a quote has no net change, and none has one in percent';

const MODES = { ltp: 1, quote: 2, full: 3 } as const;
const THEIR_DIVISORS: Readonly<Partial<Record<number, number>>> = {
  [Segment.CDS]: 1_000_000,
  [Segment.BCD]: 1000,
  [Segment.NCO]: 100,
};
const NOTHING = {
  last_traded_qty: null,
  avg_traded_price: null,
  volume_traded: null,
  total_buy_qty: null,
  total_sell_qty: null,
  ohlc: null,
  last_traded_timestamp: null,
  oi: null,
  oi_day_high: null,
  oi_day_low: null,
  exchange_timestamp: null,
  net_change: null,
  depth: null,
};

/** The crate `kiteticker-async-manager`. */
export const CRATE_DECODER: Decoder<
  typeof DIVISORS | typeof NSE | typeof AS_INDEX | typeof AS_LTP | typeof CHANGE | typeof TIME_ZERO
> = {
  differences: [DIVISORS, NSE, AS_INDEX, AS_LTP, CHANGE, TIME_ZERO],
  reading(tick, note) {
    const divisor = THEIR_DIVISORS[tick.segment] ?? priceDivisor(tick.instrumentToken);
    if (divisor !== priceDivisor(tick.instrumentToken)) note(DIVISORS);
    const price = (ours: number): number => wirePrice(tick, ours) / divisor;
    const time = (ms: number | null): object => ({ secs: seconds(ms, note), nanos: 0 });
    if (tick.segment === Segment.NCO) note(NSE);
    const head = {
      ...NOTHING,
      mode: MODES[tick.mode],
      instrument_token: tick.instrumentToken,
      exchange: tick.segment === Segment.NCO ? Segment.NSE : tick.segment,
      is_tradable: !isOfIndex(tick),
      is_index: isOfIndex(tick),
      last_price: price(tick.lastPrice),
    };
    if (tick.mode === 'ltp') return head;
    note(CHANGE);
    if (!tick.tradable) {
      if (!isOfIndex(tick)) {
        note(AS_LTP);
        return { ...head, mode: MODES.ltp };
      }
      const day = { ...head, ohlc: ohlcOf(tick, price), net_change: price(tick.netChange) };
      return tick.mode === 'full' ? { ...day, exchange_timestamp: time(tick.exchangeTimestamp) } : day;
    }
    if (isOfIndex(tick)) {
      note(AS_INDEX);
      return {
        ...head,
        mode: MODES.full,
        ohlc: {
          high: signed(tick.lastTradedQuantity) / divisor,
          low: price(tick.averageTradedPrice),
          open: signed(tick.volumeTraded) / divisor,
          close: signed(tick.totalBuyQuantity) / divisor,
        },
        net_change: signed(tick.totalSellQuantity) / divisor,
        exchange_timestamp: { secs: wirePrice(tick, tick.ohlc.open) >>> 0, nanos: 0 },
      };
    }
    const ohlc = ohlcOf(tick, price);
    const quote = {
      ...head,
      ohlc,
      last_traded_qty: tick.lastTradedQuantity,
      avg_traded_price: price(tick.averageTradedPrice),
      volume_traded: tick.volumeTraded,
      total_buy_qty: tick.totalBuyQuantity,
      total_sell_qty: tick.totalSellQuantity,
    };
    if (tick.mode === 'quote') return quote;
    const { buy, sell } = depthOf(tick, price);
    const levels = (side: typeof buy): object[] =>
      side.map(({ quantity, ...level }) => ({ ...level, qty: quantity }));
    return {
      ...quote,
      net_change: ohlc.close === 0 ? null : head.last_price - ohlc.close,
      last_traded_timestamp: time(tick.lastTradeTime),
      exchange_timestamp: time(tick.exchangeTimestamp),
      ...openInterestOf(tick),
      depth: { buy: levels(buy), sell: levels(sell) },
    };
  },
};

function signed(unsigned: number): number {
  return unsigned | 0;
}
