import type { Depth, DepthLevel, Ohlc, Tick } from '@kite/protocol';

import type { StateKind } from './state-log.js';

const FORMS = { ltp: 0, quote: 1, full: 2 } as const;

/** Ticks as states of an instrument. A tick of a lesser mode is the head of one of a greater mode. */
export const TICK_STATES: StateKind<Tick> = {
  covers: showsAllOf,
  timestampOf: (tick) => ('exchangeTimestamp' in tick ? tick.exchangeTimestamp : null),
  volumeOf: (tick) => ('volumeTraded' in tick ? tick.volumeTraded : undefined),
};

/** Field by field, exactly. */
function showsAllOf(tick: Tick, other: Tick): boolean {
  if (tick.lastPrice !== other.lastPrice || FORMS[tick.mode] < FORMS[other.mode]) return false;
  if (other.mode === 'ltp' || tick.mode === 'ltp') return true;
  if (tick.tradable !== other.tradable || tick.netChange !== other.netChange) return false;
  if (!isSameOhlc(tick.ohlc, other.ohlc)) return false;
  if ('exchangeTimestamp' in other) {
    if (!('exchangeTimestamp' in tick) || tick.exchangeTimestamp !== other.exchangeTimestamp) return false;
  }
  if (!tick.tradable || !other.tradable) return true;
  if (
    tick.volumeTraded !== other.volumeTraded ||
    tick.lastTradedQuantity !== other.lastTradedQuantity ||
    tick.averageTradedPrice !== other.averageTradedPrice ||
    tick.totalBuyQuantity !== other.totalBuyQuantity ||
    tick.totalSellQuantity !== other.totalSellQuantity
  )
    return false;
  if (other.mode !== 'full' || tick.mode !== 'full') return true;
  return (
    tick.lastTradeTime === other.lastTradeTime &&
    tick.oi === other.oi &&
    tick.oiDayHigh === other.oiDayHigh &&
    tick.oiDayLow === other.oiDayLow &&
    isSameDepth(tick.depth, other.depth)
  );
}

function isSameOhlc(a: Ohlc, b: Ohlc): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close;
}

function isSameDepth(a: Depth, b: Depth): boolean {
  return areSameLevels(a.buy, b.buy) && areSameLevels(a.sell, b.sell);
}

function areSameLevels(a: readonly DepthLevel[], b: readonly DepthLevel[]): boolean {
  for (const [index, { price, quantity, orders }] of a.entries()) {
    const other = b[index]!;
    if (price !== other.price || quantity !== other.quantity || orders !== other.orders) return false;
  }
  return true;
}
