import type { Tick } from '@kite/protocol';
import type { FrameCursor, LazyTick, TickColumns } from '@kite/raw';
import type { OfficialTick } from './official.js';

/**
 * Where a pass adds up what it reads. One cell of a typed array: a fraction that is returned from a function which is not
 * inlined would be an object on the heap, and count as the variant's.
 */
export type Sum = Float64Array;

// Every field of a tick, in the form that each variant gives it.

export function addOfficial(tick: OfficialTick, sum: Sum): void {
  sum[0]! += tick.instrument_token + tick.last_price;
  if (tick.mode === 'ltp') return;
  const { ohlc } = tick;
  sum[0]! += ohlc.open + ohlc.high + ohlc.low + ohlc.close + tick.change;
  if (tick.tradable) {
    sum[0]! += tick.last_traded_quantity + tick.average_traded_price + tick.volume_traded;
    sum[0]! += tick.total_buy_quantity + tick.total_sell_quantity;
  }
  if (tick.mode === 'quote') return;
  sum[0]! += (tick.exchange_timestamp?.getTime() ?? 0) / 1000;
  if (!tick.tradable) return;
  sum[0]! += (tick.last_trade_time?.getTime() ?? 0) / 1000 + tick.oi + tick.oi_day_high + tick.oi_day_low;
  for (const level of tick.depth.buy) sum[0]! += level.quantity + level.price + level.orders;
  for (const level of tick.depth.sell) sum[0]! += level.quantity + level.price + level.orders;
}

export function addTick(tick: Tick, sum: Sum): void {
  sum[0]! += tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return;
  const { ohlc } = tick;
  sum[0]! += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
  if (tick.tradable) {
    sum[0]! += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
    sum[0]! += tick.totalBuyQuantity + tick.totalSellQuantity;
  }
  if (tick.mode === 'quote') return;
  sum[0]! += (tick.exchangeTimestamp ?? 0) / 1000;
  if (!tick.tradable) return;
  sum[0]! += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  for (const level of tick.depth.buy) sum[0]! += level.quantity + level.price + level.orders;
  for (const level of tick.depth.sell) sum[0]! += level.quantity + level.price + level.orders;
}

/** The same of a lazy tick, with depth levels read one by one and `depth` never made. */
export function addByLevel(tick: LazyTick, sum: Sum): void {
  sum[0]! += tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return;
  const { ohlc } = tick;
  sum[0]! += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
  if (tick.tradable) {
    sum[0]! += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
    sum[0]! += tick.totalBuyQuantity + tick.totalSellQuantity;
  }
  if (tick.mode === 'quote') return;
  sum[0]! += (tick.exchangeTimestamp ?? 0) / 1000;
  if (!tick.tradable) return;
  sum[0]! += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  for (let i = 0; i < 5; i++) sum[0]! += tick.buyQuantity(i) + tick.buyPrice(i) + tick.buyOrders(i);
  for (let i = 0; i < 5; i++) sum[0]! += tick.sellQuantity(i) + tick.sellPrice(i) + tick.sellOrders(i);
}

/**
 * As the cursor's documentation says for those who want nothing on the heap: `…Raw` in place of what may be null. In three
 * functions, since the optimiser inlines only so many getters into one, and one that is not inlined makes a number.
 */
export function addCursor(tick: FrameCursor, sum: Sum): void {
  sum[0]! += tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return;
  addDayOfCursor(tick, sum);
  if (tick.mode === 'quote') return;
  sum[0]! += tick.exchangeTimestampRaw;
  if (!tick.tradable) return;
  sum[0]! += tick.lastTradeTimeRaw + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  addDepthOfCursor(tick, sum);
}

function addDayOfCursor(tick: FrameCursor, sum: Sum): void {
  sum[0]! += tick.open + tick.high + tick.low + tick.close;
  const closeRaw = tick.closeRaw;
  if (closeRaw !== 0) sum[0]! += ((tick.lastPriceRaw - closeRaw) * 100) / closeRaw;
  if (!tick.tradable) return;
  sum[0]! += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
  sum[0]! += tick.totalBuyQuantity + tick.totalSellQuantity;
}

function addDepthOfCursor(tick: FrameCursor, sum: Sum): void {
  for (let i = 0; i < 5; i++) {
    sum[0]! += tick.buyQuantity(i) + tick.buyPrice(i) + tick.buyOrders(i);
    sum[0]! += tick.sellQuantity(i) + tick.sellPrice(i) + tick.sellOrders(i);
  }
}

export function addRow(columns: TickColumns, row: number, sum: Sum): void {
  sum[0]! += columns.instrumentToken[row]! + columns.lastPrice[row]!;
  const length = columns.packetLength[row]!;
  if (length === 8) return;
  sum[0]! += columns.open[row]! + columns.high[row]! + columns.low[row]! + columns.close[row]!;
  addPresent(columns.changePercent[row]!, sum);
  if (length >= 44) {
    sum[0]! +=
      columns.lastTradedQuantity[row]! + columns.averageTradedPrice[row]! + columns.volumeTraded[row]!;
    sum[0]! += columns.totalBuyQuantity[row]! + columns.totalSellQuantity[row]!;
  }
  if (length === 28 || length === 44) return;
  addPresent(columns.exchangeTimestamp[row]! / 1000, sum);
  if (length === 32) return;
  addPresent(columns.lastTradeTime[row]! / 1000, sum);
  sum[0]! += columns.oi[row]! + columns.oiDayHigh[row]! + columns.oiDayLow[row]!;
  for (let cell = row * 5; cell < row * 5 + 5; cell++) {
    sum[0]! += columns.buyQuantity[cell]! + columns.buyPrice[cell]! + columns.buyOrders[cell]!;
    sum[0]! += columns.sellQuantity[cell]! + columns.sellPrice[cell]! + columns.sellOrders[cell]!;
  }
}

function addPresent(value: number, sum: Sum): void {
  if (!Number.isNaN(value)) sum[0]! += value;
}
