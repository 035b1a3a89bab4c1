/* eslint-disable @typescript-eslint/no-unsafe-enum-comparison -- the enums stand for the wire's numbers, and those are compared */
import { type DecodeOptions, FrameWalker, isTradable, type Mode, type Segment } from '@kite/protocol';

import { At, writeFields } from './loaded-fields.js';
import { LoadedTick } from './loaded-tick.js';
import { Buy, Full, Index, Length, Levels, Sell } from './wire-offsets.js';

type Readable = Pick<DataView, 'getInt32' | 'getUint32' | 'getUint16'>;

/** A view in which every number is NaN. */
const NOTHING: Readable = Object.freeze({
  getInt32: () => NaN,
  getUint32: () => NaN,
  getUint16: () => NaN,
});

/**
 * One object that moves over the packets of frame after frame, without an object per tick.
 *
 * ```ts
 * const cursor = new FrameCursor();
 * cursor.reset(frame);
 * while (cursor.next()) console.log(cursor.instrumentToken, cursor.lastPrice);
 * ```
 *
 * It stops at the packets that `decodeFrame` decodes, with the same values under the same names, `ohlc` flattened, and
 * reports flaws to `onIssue` in the same way. A field that the packet's kind lacks is NaN; null means that the kind has
 * the field but the wire has no value. Prices are in rupees; the wire's integers are under `…Raw`.
 *
 * A getter that may return null costs a number on the heap. Any other costs one only if V8 does not inline it and the
 * value is a fraction or at least 2³¹. {@link load} gives all fields of a packet at a fixed price and without heap
 * numbers: use it to read most of them.
 *
 * Each field is read on access, from the frame's own bytes. Without a packet, before the first `next()` and after the
 * last, `mode` is undefined and the other fields are meaningless. Levels count from 0, the best, to 4; beyond is NaN.
 */
export class FrameCursor extends FrameWalker {
  // The source of each field: the frame, or nothing if the packet's kind lacks it; and its offset, if kinds differ. So
  // a getter need not check the kind and stays small. V8 always inlines getters of at most 27 bytes of bytecode, others
  // only while a budget lasts, and each that is not inlined makes a number on the heap. Hence also `dayAt`, and prices
  // in two steps, each below that size.
  private kind = 0;
  private any: Readable = NOTHING;
  private day: Readable = NOTHING;
  private quote: Readable = NOTHING;
  private full: Readable = NOTHING;
  private timed: Readable = NOTHING;
  private modeOfKind: Mode = 'ltp';
  private openAt: number = Full.open;
  private highAt: number = Full.high;
  private lowAt: number = Full.low;
  private closeAt: number = Full.close;
  private exchangeTimestampAt: number = Full.exchangeTimestamp;

  private readonly fields = new Float64Array(At.count).fill(NaN);
  private readonly loaded = new LoadedTick(this.fields);

  /** @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` */
  constructor(options?: DecodeOptions) {
    super({ ...options, unknownLengths: false });
  }

  override next(): boolean {
    if (!super.next()) return false;
    if (this.length !== this.kind || this.view !== this.any) this.turn();
    return true;
  }

  /**
   * Reads every field of the packet at once. Returns the same object each time, refilled by the next `load()`; null
   * becomes NaN. To read only two or three fields, the getters are cheaper.
   */
  load(): LoadedTick {
    writeFields(this.fields, this);
    return this.loaded;
  }

  private turn(): void {
    const { length, view } = this;
    const isFull = length === Length.full || length === Length.indexFull;
    const where = length >= Length.quote ? Full : Index;
    this.kind = length;
    this.any = view;
    this.day = length >= Length.indexQuote ? view : NOTHING;
    this.quote = length >= Length.quote ? view : NOTHING;
    this.full = length === Length.full ? view : NOTHING;
    this.timed = isFull ? view : NOTHING;
    this.modeOfKind = length === Length.ltp ? 'ltp' : isFull ? 'full' : 'quote';
    this.openAt = where.open;
    this.highAt = where.high;
    this.lowAt = where.low;
    this.closeAt = where.close;
    this.exchangeTimestampAt = where.exchangeTimestamp;
  }

  private dayAt(at: number): number {
    return this.day.getInt32(this.offset + at);
  }

  /** Undefined without a packet. */
  get mode(): Mode | undefined {
    return this.length === 0 ? undefined : this.modeOfKind;
  }

  /** False for indices: by the packet's length in quote and full, by segment in ltp. */
  get tradable(): boolean {
    return this.length === Length.ltp ? isTradable(this.segment) : this.length >= Length.quote;
  }

  /** The low byte of the token. */
  get segment(): Segment {
    return this.instrumentToken & 0xff;
  }

  /** In rupees. */
  get lastPrice(): number {
    return this.lastPriceRaw / this.divisor;
  }

  /** The wire's integer. */
  get lastPriceRaw(): number {
    return this.any.getInt32(this.offset + Full.lastPrice);
  }

  /** Units of the last trade. */
  get lastTradedQuantity(): number {
    return this.quote.getUint32(this.offset + Full.lastTradedQuantity);
  }

  /** In rupees, volume-weighted over the day. */
  get averageTradedPrice(): number {
    return this.averageTradedPriceRaw / this.divisor;
  }

  /** The wire's integer. */
  get averageTradedPriceRaw(): number {
    return this.quote.getInt32(this.offset + Full.averageTradedPrice);
  }

  /** Units traded today. */
  get volumeTraded(): number {
    return this.quote.getUint32(this.offset + Full.volumeTraded);
  }

  /** Units of all open buy orders. */
  get totalBuyQuantity(): number {
    return this.quote.getUint32(this.offset + Full.totalBuyQuantity);
  }

  /** Units of all open sell orders. */
  get totalSellQuantity(): number {
    return this.quote.getUint32(this.offset + Full.totalSellQuantity);
  }

  /** The day's first price, in rupees. */
  get open(): number {
    return this.openRaw / this.divisor;
  }

  /** The wire's integer. */
  get openRaw(): number {
    return this.dayAt(this.openAt);
  }

  /** The day's highest price, in rupees. */
  get high(): number {
    return this.highRaw / this.divisor;
  }

  /** The wire's integer. */
  get highRaw(): number {
    return this.dayAt(this.highAt);
  }

  /** The day's lowest price, in rupees. */
  get low(): number {
    return this.lowRaw / this.divisor;
  }

  /** The wire's integer. */
  get lowRaw(): number {
    return this.dayAt(this.lowAt);
  }

  /** The previous session's close. */
  get close(): number {
    return this.closeRaw / this.divisor;
  }

  /** The wire's integer. */
  get closeRaw(): number {
    return this.dayAt(this.closeAt);
  }

  /** Last price minus close, in rupees, null if close is 0; for an index always the wire's own. */
  get netChange(): number | null {
    if (!this.tradable) return this.day.getInt32(this.offset + Index.priceChange) / this.divisor;
    const close = this.quote.getInt32(this.offset + Full.close);
    return close === 0 ? null : (this.quote.getInt32(this.offset + Full.lastPrice) - close) / this.divisor;
  }

  /** (lastPrice − close) × 100 / close; null if close is 0; never −0, thanks to `+ 0`. */
  get changePercent(): number | null {
    const { close } = this;
    return close === 0 ? null : ((this.lastPrice - close) * 100) / close + 0;
  }

  /** Unix milliseconds; null when the wire says 0. */
  get lastTradeTime(): number | null {
    const seconds = this.lastTradeTimeRaw;
    return seconds === 0 ? null : seconds * 1000;
  }

  /** Unix seconds; 0 when there is none. */
  get lastTradeTimeRaw(): number {
    return this.full.getUint32(this.offset + Full.lastTradeTime);
  }

  /** Open interest, in units. */
  get oi(): number {
    return this.full.getUint32(this.offset + Full.oi);
  }

  /** The day's highest open interest, in units. */
  get oiDayHigh(): number {
    return this.full.getUint32(this.offset + Full.oiDayHigh);
  }

  /** The day's lowest open interest, in units. */
  get oiDayLow(): number {
    return this.full.getUint32(this.offset + Full.oiDayLow);
  }

  /** Unix milliseconds; null when the wire says 0. */
  get exchangeTimestamp(): number | null {
    const seconds = this.exchangeTimestampRaw;
    return seconds === 0 ? null : seconds * 1000;
  }

  /** Unix seconds; 0 when there is none. */
  get exchangeTimestampRaw(): number {
    return this.timed.getUint32(this.offset + this.exchangeTimestampAt);
  }

  /** Units bid at a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyQuantity(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getUint32(this.offset + Buy.quantity + index * Levels.length)
      : NaN;
  }

  /** In rupees, the bid price of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyPrice(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getInt32(this.offset + Buy.price + index * Levels.length) / this.divisor
      : NaN;
  }

  /** The wire's integer for the bid price of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyPriceRaw(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getInt32(this.offset + Buy.price + index * Levels.length)
      : NaN;
  }

  /** Open orders that make up the bid of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyOrders(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getUint16(this.offset + Buy.orders + index * Levels.length)
      : NaN;
  }

  /** Units on offer at a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellQuantity(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getUint32(this.offset + Sell.quantity + index * Levels.length)
      : NaN;
  }

  /** In rupees, the price on offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellPrice(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getInt32(this.offset + Sell.price + index * Levels.length) / this.divisor
      : NaN;
  }

  /** The wire's integer for the price on offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellPriceRaw(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getInt32(this.offset + Sell.price + index * Levels.length)
      : NaN;
  }

  /** Open orders that make up the offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellOrders(index: number): number {
    return index >= 0 && index < Levels.count
      ? this.full.getUint16(this.offset + Sell.orders + index * Levels.length)
      : NaN;
  }
}
