/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- the enums stand for the wire's numbers, and those are compared */
import type { FrameWalker } from '@kite/protocol';

import { Buy, Full, Index, Length, Levels, Sell } from './wire-offsets.js';

/** The columns of the rows; `TickColumns` documents each one. */
export interface Columns {
  readonly depth: boolean;
  readonly packetLength: Uint8Array;
  readonly instrumentToken: Uint32Array;
  readonly lastPrice: Float64Array;
  readonly lastTradedQuantity: Uint32Array;
  readonly averageTradedPrice: Float64Array;
  readonly volumeTraded: Uint32Array;
  readonly totalBuyQuantity: Uint32Array;
  readonly totalSellQuantity: Uint32Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly netChange: Float64Array;
  readonly changePercent: Float64Array;
  readonly lastTradeTime: Float64Array;
  readonly oi: Uint32Array;
  readonly oiDayHigh: Uint32Array;
  readonly oiDayLow: Uint32Array;
  readonly exchangeTimestamp: Float64Array;
  readonly buyQuantity: Uint32Array;
  readonly buyPrice: Float64Array;
  readonly buyOrders: Uint16Array;
  readonly sellQuantity: Uint32Array;
  readonly sellPrice: Float64Array;
  readonly sellOrders: Uint16Array;
}

/** The columns with one cell per row. */
export const ROW_COLUMNS = [
  'packetLength',
  'instrumentToken',
  'lastPrice',
  'lastTradedQuantity',
  'averageTradedPrice',
  'volumeTraded',
  'totalBuyQuantity',
  'totalSellQuantity',
  'open',
  'high',
  'low',
  'close',
  'netChange',
  'changePercent',
  'lastTradeTime',
  'oi',
  'oiDayHigh',
  'oiDayLow',
  'exchangeTimestamp',
] as const satisfies readonly (keyof Columns)[];

/** The columns with five cells per row. */
export const DEPTH_COLUMNS = [
  'buyQuantity',
  'buyPrice',
  'buyOrders',
  'sellQuantity',
  'sellPrice',
  'sellOrders',
] as const satisfies readonly (keyof Columns)[];

/** Written for a missing value; an integer column turns it into 0. */
export const BLANK = NaN;

// Each function is small enough to be optimised by itself, and takes and returns only integers: a fraction becomes a
// heap object when it crosses a call that is not inlined, or comes out of a conditional expression.

/** Writes the walker's packet into a row. */
export function writeRow(to: Columns, row: number, walker: FrameWalker): void {
  const { view, offset: at, length, divisor } = walker;
  // The row's content from before `clear` is overwritten field by field, unless it was of another kind.
  if (to.packetLength[row] !== length) blankRow(to, row, length);
  to.instrumentToken[row] = walker.instrumentToken;
  to.lastPrice[row] = view.getInt32(at + Full.lastPrice) / divisor;
  switch (length) {
    case Length.full:
      writeQuote(to, row, view, at, divisor);
      writeFull(to, row, view, at);
      if (to.depth) writeDepth(to, row * Levels.count, view, at, divisor);
      break;
    case Length.quote:
      writeQuote(to, row, view, at, divisor);
      break;
    case Length.indexFull:
      writeIndex(to, row, view, at, divisor);
      writeTime(to.exchangeTimestamp, row, view, at + Index.exchangeTimestamp);
      break;
    case Length.indexQuote:
      writeIndex(to, row, view, at, divisor);
  }
}

function writeQuote(to: Columns, row: number, view: DataView, at: number, divisor: number): void {
  const lastRaw = view.getInt32(at + Full.lastPrice);
  const closeRaw = view.getInt32(at + Full.close);
  to.lastTradedQuantity[row] = view.getUint32(at + Full.lastTradedQuantity);
  to.averageTradedPrice[row] = view.getInt32(at + Full.averageTradedPrice) / divisor;
  to.volumeTraded[row] = view.getUint32(at + Full.volumeTraded);
  to.totalBuyQuantity[row] = view.getUint32(at + Full.totalBuyQuantity);
  to.totalSellQuantity[row] = view.getUint32(at + Full.totalSellQuantity);
  to.open[row] = view.getInt32(at + Full.open) / divisor;
  to.high[row] = view.getInt32(at + Full.high) / divisor;
  to.low[row] = view.getInt32(at + Full.low) / divisor;
  to.close[row] = closeRaw / divisor;
  to.netChange[row] = (lastRaw - closeRaw) / divisor;
  if (closeRaw === 0) to.netChange[row] = NaN;
  writePercent(to, row, lastRaw, closeRaw, divisor);
}

function writeFull(to: Columns, row: number, view: DataView, at: number): void {
  writeTime(to.lastTradeTime, row, view, at + Full.lastTradeTime);
  to.oi[row] = view.getUint32(at + Full.oi);
  to.oiDayHigh[row] = view.getUint32(at + Full.oiDayHigh);
  to.oiDayLow[row] = view.getUint32(at + Full.oiDayLow);
  writeTime(to.exchangeTimestamp, row, view, at + Full.exchangeTimestamp);
}

function writeDepth(to: Columns, first: number, view: DataView, body: number, divisor: number): void {
  for (let index = 0; index < Levels.count; index++) {
    const cell = first + index;
    const at = body + index * Levels.length;
    to.buyQuantity[cell] = view.getUint32(at + Buy.quantity);
    to.buyPrice[cell] = view.getInt32(at + Buy.price) / divisor;
    to.buyOrders[cell] = view.getUint16(at + Buy.orders);
    to.sellQuantity[cell] = view.getUint32(at + Sell.quantity);
    to.sellPrice[cell] = view.getInt32(at + Sell.price) / divisor;
    to.sellOrders[cell] = view.getUint16(at + Sell.orders);
  }
}

function writeIndex(to: Columns, row: number, view: DataView, at: number, divisor: number): void {
  const closeRaw = view.getInt32(at + Index.close);
  to.open[row] = view.getInt32(at + Index.open) / divisor;
  to.high[row] = view.getInt32(at + Index.high) / divisor;
  to.low[row] = view.getInt32(at + Index.low) / divisor;
  to.close[row] = closeRaw / divisor;
  to.netChange[row] = view.getInt32(at + Index.priceChange) / divisor;
  writePercent(to, row, view.getInt32(at + Index.lastPrice), closeRaw, divisor);
}

function writePercent(to: Columns, row: number, lastRaw: number, closeRaw: number, divisor: number): void {
  const close = closeRaw / divisor;
  // `+ 0` turns −0, from a price equal to a negative close, into 0.
  to.changePercent[row] = ((lastRaw / divisor - close) * 100) / close + 0;
  if (closeRaw === 0) to.changePercent[row] = NaN;
}

function writeTime(column: Float64Array, row: number, view: DataView, at: number): void {
  const seconds = view.getUint32(at);
  column[row] = seconds * 1000;
  if (seconds === 0) column[row] = NaN;
}

function blankRow(to: Columns, row: number, length: number): void {
  const before = to.packetLength[row]!;
  // A row that was never filled is blank already.
  if (before !== 0) blankFields(to, row);
  if (before === Length.full && to.depth) blankDepth(to, row * Levels.count);
  to.packetLength[row] = length;
}

/** Written out: frames of mixed kinds need it for most rows, and a loop over names took longer than all the rest. */
function blankFields(to: Columns, row: number): void {
  to.lastTradedQuantity[row] = 0;
  to.averageTradedPrice[row] = NaN;
  to.volumeTraded[row] = 0;
  to.totalBuyQuantity[row] = 0;
  to.totalSellQuantity[row] = 0;
  to.open[row] = NaN;
  to.high[row] = NaN;
  to.low[row] = NaN;
  to.close[row] = NaN;
  to.netChange[row] = NaN;
  to.changePercent[row] = NaN;
  to.lastTradeTime[row] = NaN;
  to.oi[row] = 0;
  to.oiDayHigh[row] = 0;
  to.oiDayLow[row] = 0;
  to.exchangeTimestamp[row] = NaN;
}

function blankDepth(to: Columns, first: number): void {
  for (let cell = first; cell < first + Levels.count; cell++) {
    to.buyQuantity[cell] = 0;
    to.buyPrice[cell] = NaN;
    to.buyOrders[cell] = 0;
    to.sellQuantity[cell] = 0;
    to.sellPrice[cell] = NaN;
    to.sellOrders[cell] = 0;
  }
}
