import type { Tick } from '@kite/protocol';
import type { FrameCursor, LazyTick, LoadedTick, TickColumns } from '@kite/raw';

import type { OfficialTick } from './official.js';

/**
 * The sum of what a pass reads. It is a cell of a typed array: a fraction returned from a function that is not inlined
 * would be an object on the heap, and would count against the variant.
 */
export type Sum = Float64Array;

// Reads every field of a tick, in each variant's form. Each function adds to the cell once, at its end. Adding field by
// field would wait for the previous sum to come back from memory, which takes longer than reading the field.

export function addOfficial(tick: OfficialTick, sum: Sum): void {
  let total = tick.instrument_token + tick.last_price;
  if (tick.mode !== 'ltp') {
    const { ohlc } = tick;
    total += ohlc.open + ohlc.high + ohlc.low + ohlc.close + tick.change;
    if (tick.tradable) {
      total += tick.last_traded_quantity + tick.average_traded_price + tick.volume_traded;
      total += tick.total_buy_quantity + tick.total_sell_quantity;
    }
    if (tick.mode === 'full') {
      total += (tick.exchange_timestamp?.getTime() ?? 0) / 1000;
      if (tick.tradable) {
        total += (tick.last_trade_time?.getTime() ?? 0) / 1000 + tick.oi + tick.oi_day_high + tick.oi_day_low;
        for (const level of tick.depth.buy) total += level.quantity + level.price + level.orders;
        for (const level of tick.depth.sell) total += level.quantity + level.price + level.orders;
      }
    }
  }
  sum[0]! += total;
}

export function addTick(tick: Tick, sum: Sum): void {
  let total = tick.instrumentToken + tick.lastPrice;
  if (tick.mode !== 'ltp') {
    const { ohlc } = tick;
    total += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
    if (tick.tradable) {
      total += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
      total += tick.totalBuyQuantity + tick.totalSellQuantity;
    }
    if (tick.mode === 'full') {
      total += (tick.exchangeTimestamp ?? 0) / 1000;
      if (tick.tradable) {
        total += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
        for (const level of tick.depth.buy) total += level.quantity + level.price + level.orders;
        for (const level of tick.depth.sell) total += level.quantity + level.price + level.orders;
      }
    }
  }
  sum[0]! += total;
}

/** The same for a lazy tick: reads depth levels one by one and never creates `depth`. */
export function addByLevel(tick: LazyTick, sum: Sum): void {
  let total = tick.instrumentToken + tick.lastPrice;
  if (tick.mode !== 'ltp') {
    const { ohlc } = tick;
    total += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
    if (tick.tradable) {
      total += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
      total += tick.totalBuyQuantity + tick.totalSellQuantity;
    }
    if (tick.mode === 'full') {
      total += (tick.exchangeTimestamp ?? 0) / 1000;
      if (tick.tradable) {
        total += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
        addLevels(tick, sum);
      }
    }
  }
  sum[0]! += total;
}

/**
 * Follows the cursor's documentation for zero allocation: `…Raw` in place of fields that may be null. The functions are
 * small, since the optimiser inlines only so many getters into one, and any other getter boxes its number.
 */
export function addCursor(tick: FrameCursor, sum: Sum): void {
  sum[0]! += tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return;
  addDayOfCursor(tick, sum);
  const { tradable } = tick;
  if (tradable) addTradesOfCursor(tick, sum);
  if (tick.mode === 'quote') return;
  sum[0]! += tick.exchangeTimestampRaw;
  if (!tradable) return;
  addInterestOfCursor(tick, sum);
  addLevels(tick, sum);
}

function addDayOfCursor(tick: FrameCursor, sum: Sum): void {
  let total = tick.open + tick.high + tick.low + tick.close;
  const closeRaw = tick.closeRaw;
  if (closeRaw !== 0) total += ((tick.lastPriceRaw - closeRaw) * 100) / closeRaw;
  sum[0]! += total;
}

function addTradesOfCursor(tick: FrameCursor, sum: Sum): void {
  const total = tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
  sum[0]! += total + tick.totalBuyQuantity + tick.totalSellQuantity;
}

function addInterestOfCursor(tick: FrameCursor, sum: Sum): void {
  sum[0]! += tick.lastTradeTimeRaw + tick.oi + tick.oiDayHigh + tick.oiDayLow;
}

/** The same for a loaded tick, which has NaN in place of null. */
export function addLoaded(tick: LoadedTick, sum: Sum): void {
  sum[0]! += tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return;
  addDayOfLoaded(tick, sum);
  const { tradable } = tick;
  if (tradable) addTradesOfLoaded(tick, sum);
  if (tick.mode === 'quote') return;
  sum[0]! += orZero(tick.exchangeTimestamp) / 1000;
  if (!tradable) return;
  sum[0]! += orZero(tick.lastTradeTime) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  addLevels(tick, sum);
}

function addDayOfLoaded(tick: LoadedTick, sum: Sum): void {
  sum[0]! += tick.open + tick.high + tick.low + tick.close + orZero(tick.changePercent);
}

function addTradesOfLoaded(tick: LoadedTick, sum: Sum): void {
  const total = tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
  sum[0]! += total + tick.totalBuyQuantity + tick.totalSellQuantity;
}

type Levels = Pick<
  FrameCursor,
  'buyQuantity' | 'buyPrice' | 'buyOrders' | 'sellQuantity' | 'sellPrice' | 'sellOrders'
>;

function addLevels(tick: Levels, sum: Sum): void {
  let total = 0;
  for (let i = 0; i < 5; i++) {
    total += tick.buyQuantity(i) + tick.buyPrice(i) + tick.buyOrders(i);
    total += tick.sellQuantity(i) + tick.sellPrice(i) + tick.sellOrders(i);
  }
  sum[0]! += total;
}

/** Reads all rows with the columns in local variables, as a real scan does. */
export function addRows(columns: TickColumns, sum: Sum): void {
  const { rows, packetLength, instrumentToken, lastPrice, open, high, low, close, changePercent } = columns;
  const { lastTradedQuantity, averageTradedPrice, volumeTraded, totalBuyQuantity, totalSellQuantity } =
    columns;
  const { exchangeTimestamp, lastTradeTime, oi, oiDayHigh, oiDayLow } = columns;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    total += instrumentToken[row]! + lastPrice[row]!;
    const length = packetLength[row]!;
    if (length === 8) continue;
    total += open[row]! + high[row]! + low[row]! + close[row]! + orZero(changePercent[row]!);
    if (length >= 44) {
      total += lastTradedQuantity[row]! + averageTradedPrice[row]! + volumeTraded[row]!;
      total += totalBuyQuantity[row]! + totalSellQuantity[row]!;
    }
    if (length === 28 || length === 44) continue;
    total += orZero(exchangeTimestamp[row]!) / 1000;
    if (length === 32) continue;
    total += orZero(lastTradeTime[row]!) / 1000 + oi[row]! + oiDayHigh[row]! + oiDayLow[row]!;
    addDepthOfRow(columns, row, sum);
  }
  sum[0]! += total;
}

function addDepthOfRow(columns: TickColumns, row: number, sum: Sum): void {
  const { buyQuantity, buyPrice, buyOrders, sellQuantity, sellPrice, sellOrders } = columns;
  let total = 0;
  for (let cell = row * 5; cell < row * 5 + 5; cell++) {
    total += buyQuantity[cell]! + buyPrice[cell]! + buyOrders[cell]!;
    total += sellQuantity[cell]! + sellPrice[cell]! + sellOrders[cell]!;
  }
  sum[0]! += total;
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
