import { decodeFrame, FrameDecoder, type Tick } from '@kite/protocol';
import { decodeLazy, FrameCursor, LazyDecoder, TickColumns, type LazyTick } from '@kite/raw';
import type { Frames } from './frames.js';
import { parseBinary, type OfficialTick } from './official.js';

/** How much of each tick is read: token and price, or every field with the ten depth levels. */
export const READINGS = ['light', 'heavy'] as const;
export type Reading = (typeof READINGS)[number];

/** Decodes and reads all the frames, and returns a sum of what it read: equal for each variant. */
export type Pass = (frames: Frames) => number;

const decoder = new FrameDecoder();
const lazyDecoder = new LazyDecoder();
const cursor = new FrameCursor();
const columns = new TickColumns({ capacity: 512 });

// Each variant is written out, with readers of its own, so that none shares its optimised code with another.

export const VARIANTS: Record<string, Record<Reading, Pass>> = {
  official: {
    light: ({ buffers }) => {
      let sum = 0;
      for (const frame of buffers) {
        for (const tick of parseBinary(frame)) sum += tick.instrument_token + tick.last_price;
      }
      return sum;
    },
    heavy: ({ buffers }) => {
      let sum = 0;
      for (const frame of buffers) for (const tick of parseBinary(frame)) sum += readOfficial(tick);
      return sum;
    },
  },
  decodeFrame: {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        for (const tick of decodeFrame(frame)) sum += tick.instrumentToken + tick.lastPrice;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) for (const tick of decodeFrame(frame)) sum += readTick(tick);
      return sum;
    },
  },
  FrameDecoder: {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        for (const tick of decoder.decode(frame)) sum += tick.instrumentToken + tick.lastPrice;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) for (const tick of decoder.decode(frame)) sum += readTick(tick);
      return sum;
    },
  },
  decodeLazy: {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        for (const tick of decodeLazy(frame)) sum += tick.instrumentToken + tick.lastPrice;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) for (const tick of decodeLazy(frame)) sum += readLazy(tick);
      return sum;
    },
  },
  LazyDecoder: {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        for (const tick of lazyDecoder.decode(frame)) sum += tick.instrumentToken + tick.lastPrice;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) for (const tick of lazyDecoder.decode(frame)) sum += readLazy(tick);
      return sum;
    },
  },
  'LazyDecoder, by level': {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        for (const tick of lazyDecoder.decode(frame)) sum += tick.instrumentToken + tick.lastPrice;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) for (const tick of lazyDecoder.decode(frame)) sum += readByLevel(tick);
      return sum;
    },
  },
  FrameCursor: {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        cursor.reset(frame);
        while (cursor.next()) sum += cursor.instrumentToken + cursor.lastPrice;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        cursor.reset(frame);
        while (cursor.next()) sum += readCursor(cursor);
      }
      return sum;
    },
  },
  TickColumns: {
    light: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        columns.clear();
        const rows = columns.append(frame);
        for (let row = 0; row < rows; row++) sum += columns.instrumentToken[row]! + columns.lastPrice[row]!;
      }
      return sum;
    },
    heavy: ({ slices }) => {
      let sum = 0;
      for (const frame of slices) {
        columns.clear();
        const rows = columns.append(frame);
        for (let row = 0; row < rows; row++) sum += readRow(columns, row);
      }
      return sum;
    },
  },
};

function readOfficial(tick: OfficialTick): number {
  let sum = tick.instrument_token + tick.last_price;
  if (tick.mode === 'ltp') return sum;
  const { ohlc } = tick;
  sum += ohlc.open + ohlc.high + ohlc.low + ohlc.close + tick.change;
  if (tick.tradable) {
    sum += tick.last_traded_quantity + tick.average_traded_price + tick.volume_traded;
    sum += tick.total_buy_quantity + tick.total_sell_quantity;
  }
  if (tick.mode === 'quote') return sum;
  sum += (tick.exchange_timestamp as unknown as number) / 1000;
  if (!tick.tradable) return sum;
  sum += (tick.last_trade_time as unknown as number) / 1000 + tick.oi + tick.oi_day_high + tick.oi_day_low;
  for (const level of tick.depth.buy) sum += level.quantity + level.price + level.orders;
  for (const level of tick.depth.sell) sum += level.quantity + level.price + level.orders;
  return sum;
}

function readTick(tick: Tick): number {
  let sum = tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return sum;
  const { ohlc } = tick;
  sum += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
  if (tick.tradable) {
    sum += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
    sum += tick.totalBuyQuantity + tick.totalSellQuantity;
  }
  if (tick.mode === 'quote') return sum;
  sum += (tick.exchangeTimestamp ?? 0) / 1000;
  if (!tick.tradable) return sum;
  sum += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  for (const level of tick.depth.buy) sum += level.quantity + level.price + level.orders;
  for (const level of tick.depth.sell) sum += level.quantity + level.price + level.orders;
  return sum;
}

function readLazy(tick: LazyTick): number {
  let sum = tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return sum;
  const { ohlc } = tick;
  sum += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
  if (tick.tradable) {
    sum += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
    sum += tick.totalBuyQuantity + tick.totalSellQuantity;
  }
  if (tick.mode === 'quote') return sum;
  sum += (tick.exchangeTimestamp ?? 0) / 1000;
  if (!tick.tradable) return sum;
  sum += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  for (const level of tick.depth.buy) sum += level.quantity + level.price + level.orders;
  for (const level of tick.depth.sell) sum += level.quantity + level.price + level.orders;
  return sum;
}

/** The same, with depth levels read one by one and `depth` never made. */
function readByLevel(tick: LazyTick): number {
  let sum = tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return sum;
  const { ohlc } = tick;
  sum += ohlc.open + ohlc.high + ohlc.low + ohlc.close + (tick.changePercent ?? 0);
  if (tick.tradable) {
    sum += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
    sum += tick.totalBuyQuantity + tick.totalSellQuantity;
  }
  if (tick.mode === 'quote') return sum;
  sum += (tick.exchangeTimestamp ?? 0) / 1000;
  if (!tick.tradable) return sum;
  sum += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  for (let i = 0; i < 5; i++) sum += tick.buyQuantity(i) + tick.buyPrice(i) + tick.buyOrders(i);
  for (let i = 0; i < 5; i++) sum += tick.sellQuantity(i) + tick.sellPrice(i) + tick.sellOrders(i);
  return sum;
}

function readCursor(tick: FrameCursor): number {
  let sum = tick.instrumentToken + tick.lastPrice;
  if (tick.mode === 'ltp') return sum;
  sum += tick.open + tick.high + tick.low + tick.close + (tick.changePercent ?? 0);
  if (tick.tradable) {
    sum += tick.lastTradedQuantity + tick.averageTradedPrice + tick.volumeTraded;
    sum += tick.totalBuyQuantity + tick.totalSellQuantity;
  }
  if (tick.mode === 'quote') return sum;
  sum += (tick.exchangeTimestamp ?? 0) / 1000;
  if (!tick.tradable) return sum;
  sum += (tick.lastTradeTime ?? 0) / 1000 + tick.oi + tick.oiDayHigh + tick.oiDayLow;
  for (let i = 0; i < 5; i++) sum += tick.buyQuantity(i) + tick.buyPrice(i) + tick.buyOrders(i);
  for (let i = 0; i < 5; i++) sum += tick.sellQuantity(i) + tick.sellPrice(i) + tick.sellOrders(i);
  return sum;
}

function readRow(columns: TickColumns, row: number): number {
  let sum = columns.instrumentToken[row]! + columns.lastPrice[row]!;
  const length = columns.packetLength[row]!;
  if (length === 8) return sum;
  sum += columns.open[row]! + columns.high[row]! + columns.low[row]! + columns.close[row]!;
  sum += columns.changePercent[row]!;
  if (length >= 44) {
    sum += columns.lastTradedQuantity[row]! + columns.averageTradedPrice[row]! + columns.volumeTraded[row]!;
    sum += columns.totalBuyQuantity[row]! + columns.totalSellQuantity[row]!;
  }
  if (length === 28 || length === 44) return sum;
  sum += columns.exchangeTimestamp[row]! / 1000;
  if (length === 32) return sum;
  sum +=
    columns.lastTradeTime[row]! / 1000 + columns.oi[row]! + columns.oiDayHigh[row]! + columns.oiDayLow[row]!;
  for (let cell = row * 5; cell < row * 5 + 5; cell++) {
    sum += columns.buyQuantity[cell]! + columns.buyPrice[cell]! + columns.buyOrders[cell]!;
  }
  for (let cell = row * 5; cell < row * 5 + 5; cell++) {
    sum += columns.sellQuantity[cell]! + columns.sellPrice[cell]! + columns.sellOrders[cell]!;
  }
  return sum;
}
