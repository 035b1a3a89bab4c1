/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- the enums stand for the wire's numbers, and those are compared */
import { type FrameWalker, isTradable } from '@kite/protocol';

import { Buy, Full, Index, Length, Levels, Sell } from './wire-offsets.js';

/** The index of each field of a loaded tick. An enum, so that the build inlines its numbers: see `wire-offsets.ts`. */
export enum At {
  length = 0,
  tradable = 1,
  instrumentToken = 2,
  lastPrice = 3,
  open = 4,
  high = 5,
  low = 6,
  close = 7,
  netChange = 8,
  changePercent = 9,
  exchangeTimestamp = 10,
  lastTradedQuantity = 11,
  averageTradedPrice = 12,
  volumeTraded = 13,
  totalBuyQuantity = 14,
  totalSellQuantity = 15,
  lastTradeTime = 16,
  oi = 17,
  oiDayHigh = 18,
  oiDayLow = 19,
  buyQuantity = 20,
  buyPrice = 25,
  buyOrders = 30,
  sellQuantity = 35,
  sellPrice = 40,
  sellOrders = 45,
  count = 50,
}

// As in `columns-row.ts`, no function takes or returns a fraction: it would become a heap object.

/** Writes all fields of the walker's packet; NaN for fields that its kind lacks or that are null in a tick. */
export function writeFields(to: Float64Array, walker: FrameWalker): void {
  const { view, offset, length, divisor } = walker;
  // The last packet's fields are overwritten one by one, unless it was of another kind.
  if (to[At.length] !== length) to.fill(NaN);
  to[At.length] = length;
  to[At.tradable] = length >= Length.quote ? 1 : 0;
  to[At.instrumentToken] = walker.instrumentToken;
  switch (length) {
    case Length.full:
      writeQuote(to, view, offset, divisor);
      writeFull(to, view, offset);
      writeLevels(to, view, offset, divisor);
      break;
    case Length.quote:
      writeQuote(to, view, offset, divisor);
      break;
    case Length.indexFull:
      writeIndex(to, view, offset, divisor);
      writeTime(to, At.exchangeTimestamp, view, offset + Index.exchangeTimestamp);
      break;
    case Length.indexQuote:
      writeIndex(to, view, offset, divisor);
      break;
    case Length.ltp:
      to[At.lastPrice] = view.getInt32(offset + Full.lastPrice) / divisor;
      to[At.tradable] = isTradable(walker.instrumentToken & 0xff) ? 1 : 0;
      break;
    default:
      // Before the first packet and after the last there is nothing to read.
      to[At.instrumentToken] = 0;
  }
}

function writeQuote(to: Float64Array, view: DataView, at: number, divisor: number): void {
  const lastRaw = view.getInt32(at + Full.lastPrice);
  const closeRaw = view.getInt32(at + Full.close);
  to[At.lastTradedQuantity] = view.getUint32(at + Full.lastTradedQuantity);
  to[At.averageTradedPrice] = view.getInt32(at + Full.averageTradedPrice) / divisor;
  to[At.volumeTraded] = view.getUint32(at + Full.volumeTraded);
  to[At.totalBuyQuantity] = view.getUint32(at + Full.totalBuyQuantity);
  to[At.totalSellQuantity] = view.getUint32(at + Full.totalSellQuantity);
  to[At.open] = view.getInt32(at + Full.open) / divisor;
  to[At.high] = view.getInt32(at + Full.high) / divisor;
  to[At.low] = view.getInt32(at + Full.low) / divisor;
  to[At.netChange] = (lastRaw - closeRaw) / divisor;
  if (closeRaw === 0) to[At.netChange] = NaN;
  writeLastAndClose(to, lastRaw, closeRaw, divisor);
}

function writeFull(to: Float64Array, view: DataView, at: number): void {
  writeTime(to, At.lastTradeTime, view, at + Full.lastTradeTime);
  to[At.oi] = view.getUint32(at + Full.oi);
  to[At.oiDayHigh] = view.getUint32(at + Full.oiDayHigh);
  to[At.oiDayLow] = view.getUint32(at + Full.oiDayLow);
  writeTime(to, At.exchangeTimestamp, view, at + Full.exchangeTimestamp);
}

function writeLevels(to: Float64Array, view: DataView, body: number, divisor: number): void {
  for (let index = 0; index < Levels.count; index++) {
    const at = body + index * Levels.length;
    to[At.buyQuantity + index] = view.getUint32(at + Buy.quantity);
    to[At.buyPrice + index] = view.getInt32(at + Buy.price) / divisor;
    to[At.buyOrders + index] = view.getUint16(at + Buy.orders);
    to[At.sellQuantity + index] = view.getUint32(at + Sell.quantity);
    to[At.sellPrice + index] = view.getInt32(at + Sell.price) / divisor;
    to[At.sellOrders + index] = view.getUint16(at + Sell.orders);
  }
}

function writeIndex(to: Float64Array, view: DataView, at: number, divisor: number): void {
  to[At.open] = view.getInt32(at + Index.open) / divisor;
  to[At.high] = view.getInt32(at + Index.high) / divisor;
  to[At.low] = view.getInt32(at + Index.low) / divisor;
  to[At.netChange] = view.getInt32(at + Index.priceChange) / divisor;
  writeLastAndClose(to, view.getInt32(at + Index.lastPrice), view.getInt32(at + Index.close), divisor);
}

function writeLastAndClose(to: Float64Array, lastRaw: number, closeRaw: number, divisor: number): void {
  const last = lastRaw / divisor;
  const close = closeRaw / divisor;
  to[At.lastPrice] = last;
  to[At.close] = close;
  // `+ 0` turns −0, from a price equal to a negative close, into 0.
  to[At.changePercent] = ((last - close) * 100) / close + 0;
  if (closeRaw === 0) to[At.changePercent] = NaN;
}

function writeTime(to: Float64Array, field: At, view: DataView, at: number): void {
  const seconds = view.getUint32(at);
  to[field] = seconds * 1000;
  if (seconds === 0) to[field] = NaN;
}
