/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- the enums stand for the wire's numbers, and those are compared */
import type { Mode, Segment } from '@kite/protocol';

import { At } from './loaded-fields.js';
import { Length, Levels } from './wire-offsets.js';

/**
 * All fields of one packet as numbers, from `FrameCursor.load()`: to read most of them. Unchanged when the cursor moves
 * on, until the next `load()`.
 *
 * Names and values are those of the cursor, except for null: a field that the packet's kind lacks, or one without a
 * value on the wire, is NaN. So each getter reads one number from an array and makes none on the heap.
 */
export class LoadedTick {
  private readonly fields: Float64Array;

  /** @param fields the numbers, as `writeFields` writes them */
  constructor(fields: Float64Array) {
    this.fields = fields;
  }

  /** Undefined if there was no packet. */
  get mode(): Mode | undefined {
    const length = this.fields[At.length]!;
    if (length === Length.full || length === Length.indexFull) return 'full';
    if (length === Length.ltp) return 'ltp';
    return length > 0 ? 'quote' : undefined;
  }

  /** False for indices: by the packet's length in quote and full, by segment in ltp. */
  get tradable(): boolean {
    return this.fields[At.tradable] === 1;
  }

  /** As in Kite's instruments list. */
  get instrumentToken(): number {
    return this.fields[At.instrumentToken]!;
  }

  /** The low byte of the token. */
  get segment(): Segment {
    return this.fields[At.instrumentToken]! & 0xff;
  }

  /** In rupees. */
  get lastPrice(): number {
    return this.fields[At.lastPrice]!;
  }

  /** Units of the last trade. */
  get lastTradedQuantity(): number {
    return this.fields[At.lastTradedQuantity]!;
  }

  /** In rupees, volume-weighted over the day. */
  get averageTradedPrice(): number {
    return this.fields[At.averageTradedPrice]!;
  }

  /** Units traded today. */
  get volumeTraded(): number {
    return this.fields[At.volumeTraded]!;
  }

  /** Units of all open buy orders. */
  get totalBuyQuantity(): number {
    return this.fields[At.totalBuyQuantity]!;
  }

  /** Units of all open sell orders. */
  get totalSellQuantity(): number {
    return this.fields[At.totalSellQuantity]!;
  }

  /** The day's first price, in rupees. */
  get open(): number {
    return this.fields[At.open]!;
  }

  /** The day's highest price, in rupees. */
  get high(): number {
    return this.fields[At.high]!;
  }

  /** The day's lowest price, in rupees. */
  get low(): number {
    return this.fields[At.low]!;
  }

  /** The previous session's close, in rupees. */
  get close(): number {
    return this.fields[At.close]!;
  }

  /** Last price minus close, in rupees, NaN if close is 0; for an index always the wire's own. */
  get netChange(): number {
    return this.fields[At.netChange]!;
  }

  /** (lastPrice − close) × 100 / close; NaN if close is 0. */
  get changePercent(): number {
    return this.fields[At.changePercent]!;
  }

  /** Unix milliseconds; NaN when the wire says 0. */
  get lastTradeTime(): number {
    return this.fields[At.lastTradeTime]!;
  }

  /** Open interest, in units. */
  get oi(): number {
    return this.fields[At.oi]!;
  }

  /** The day's highest open interest, in units. */
  get oiDayHigh(): number {
    return this.fields[At.oiDayHigh]!;
  }

  /** The day's lowest open interest, in units. */
  get oiDayLow(): number {
    return this.fields[At.oiDayLow]!;
  }

  /** Unix milliseconds; NaN when the wire says 0. */
  get exchangeTimestamp(): number {
    return this.fields[At.exchangeTimestamp]!;
  }

  /** Units bid at a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyQuantity(index: number): number {
    return index >= 0 && index < Levels.count ? this.fields[At.buyQuantity + index]! : NaN;
  }

  /** In rupees, the bid price of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyPrice(index: number): number {
    return index >= 0 && index < Levels.count ? this.fields[At.buyPrice + index]! : NaN;
  }

  /** Open orders that make up the bid of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyOrders(index: number): number {
    return index >= 0 && index < Levels.count ? this.fields[At.buyOrders + index]! : NaN;
  }

  /** Units on offer at a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellQuantity(index: number): number {
    return index >= 0 && index < Levels.count ? this.fields[At.sellQuantity + index]! : NaN;
  }

  /** In rupees, the price on offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellPrice(index: number): number {
    return index >= 0 && index < Levels.count ? this.fields[At.sellPrice + index]! : NaN;
  }

  /** Open orders that make up the offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellOrders(index: number): number {
    return index >= 0 && index < Levels.count ? this.fields[At.sellOrders + index]! : NaN;
  }
}
