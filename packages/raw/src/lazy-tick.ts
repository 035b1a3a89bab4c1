/* eslint-disable @typescript-eslint/class-literal-property-style -- a field would cost every tick its bytes; a getter costs none */
import {
  type Depth,
  type FullTick,
  type IndexFullTick,
  type IndexQuoteTick,
  isTradable,
  type LtpTick,
  type Ohlc,
  type QuoteTick,
} from '@kite/protocol';

import { LazyPacket } from './lazy-packet.js';
import { Buy, Full, Index, Length, Levels, Sell } from './wire-offsets.js';

/**
 * A tick read on access: same fields as a `Tick`, and assignable to one. `mode` and `tradable` distinguish the kinds.
 *
 * Its values are those of `decodeFrame` until the frame's bytes are written to, or detached by a transfer to another
 * thread. `ohlc` is made at each access; `depth` is made at the first one and kept.
 */
export type LazyTick = LazyLtpTick | LazyQuoteTick | LazyFullTick | LazyIndexQuoteTick | LazyIndexFullTick;

/** An {@link LtpTick}, read on access. */
export class LazyLtpTick extends LazyPacket implements LtpTick {
  get mode(): 'ltp' {
    return 'ltp';
  }

  /** False for indices, by segment. */
  get tradable(): boolean {
    return isTradable(this.segment);
  }

  /** The plain object that `decodeFrame` gives for this packet, independent of the frame. */
  override toTick(): LtpTick {
    return this.decode(Length.ltp) as LtpTick;
  }

  override copy(): LazyLtpTick {
    return this.copyAs(LazyLtpTick, Length.ltp);
  }
}

abstract class LazyIndexPacket extends LazyPacket {
  get tradable(): false {
    return false;
  }

  /** The day's open, high and low and the previous close, in rupees. */
  get ohlc(): Ohlc {
    return {
      open: this.priceAt(Index.open),
      high: this.priceAt(Index.high),
      low: this.priceAt(Index.low),
      close: this.priceAt(Index.close),
    };
  }

  /** The wire's own price change, in points. */
  get netChange(): number {
    return this.priceAt(Index.priceChange);
  }

  /** (lastPrice − close) × 100 / close; null if close is 0; never −0, thanks to `+ 0`. */
  get changePercent(): number | null {
    const close = this.priceAt(Index.close);
    return close === 0 ? null : ((this.lastPrice - close) * 100) / close + 0;
  }
}

/** An {@link IndexQuoteTick}, read on access. */
export class LazyIndexQuoteTick extends LazyIndexPacket implements IndexQuoteTick {
  get mode(): 'quote' {
    return 'quote';
  }

  /** The plain object that `decodeFrame` gives for this packet, independent of the frame. */
  override toTick(): IndexQuoteTick {
    return this.decode(Length.indexQuote) as IndexQuoteTick;
  }

  override copy(): LazyIndexQuoteTick {
    return this.copyAs(LazyIndexQuoteTick, Length.indexQuote);
  }
}

/** An {@link IndexFullTick}, read on access. */
export class LazyIndexFullTick extends LazyIndexPacket implements IndexFullTick {
  get mode(): 'full' {
    return 'full';
  }

  /** Unix milliseconds; null when the wire says 0. */
  get exchangeTimestamp(): number | null {
    return this.timestampAt(Index.exchangeTimestamp);
  }

  /** The plain object that `decodeFrame` gives for this packet, independent of the frame. */
  override toTick(): IndexFullTick {
    return this.decode(Length.indexFull) as IndexFullTick;
  }

  override copy(): LazyIndexFullTick {
    return this.copyAs(LazyIndexFullTick, Length.indexFull);
  }
}

abstract class LazyQuotePacket extends LazyPacket {
  get tradable(): true {
    return true;
  }

  /** Units of the last trade. */
  get lastTradedQuantity(): number {
    return this.uint32At(Full.lastTradedQuantity);
  }

  /** In rupees, volume-weighted over the day. */
  get averageTradedPrice(): number {
    return this.priceAt(Full.averageTradedPrice);
  }

  /** Units traded today. */
  get volumeTraded(): number {
    return this.uint32At(Full.volumeTraded);
  }

  /** Units of all open buy orders. */
  get totalBuyQuantity(): number {
    return this.uint32At(Full.totalBuyQuantity);
  }

  /** Units of all open sell orders. */
  get totalSellQuantity(): number {
    return this.uint32At(Full.totalSellQuantity);
  }

  /** The day's open, high and low and the previous close, in rupees. */
  get ohlc(): Ohlc {
    return {
      open: this.priceAt(Full.open),
      high: this.priceAt(Full.high),
      low: this.priceAt(Full.low),
      close: this.priceAt(Full.close),
    };
  }

  /** Last price minus close, in rupees; null if close is 0. */
  get netChange(): number | null {
    const close = this.int32At(Full.close);
    return close === 0 ? null : (this.lastPriceRaw - close) / this.divisor;
  }

  /** (lastPrice − close) × 100 / close; null if close is 0; never −0, thanks to `+ 0`. */
  get changePercent(): number | null {
    const close = this.priceAt(Full.close);
    return close === 0 ? null : ((this.lastPrice - close) * 100) / close + 0;
  }
}

/** A {@link QuoteTick}, read on access. */
export class LazyQuoteTick extends LazyQuotePacket implements QuoteTick {
  get mode(): 'quote' {
    return 'quote';
  }

  /** The plain object that `decodeFrame` gives for this packet, independent of the frame. */
  override toTick(): QuoteTick {
    return this.decode(Length.quote) as QuoteTick;
  }

  override copy(): LazyQuoteTick {
    return this.copyAs(LazyQuoteTick, Length.quote);
  }
}

/** A {@link FullTick}, read on access. */
export class LazyFullTick extends LazyQuotePacket implements FullTick {
  #depth: Depth | undefined;

  get mode(): 'full' {
    return 'full';
  }

  /** Unix milliseconds; null when the wire says 0. */
  get lastTradeTime(): number | null {
    return this.timestampAt(Full.lastTradeTime);
  }

  /** Open interest, in units. */
  get oi(): number {
    return this.uint32At(Full.oi);
  }

  /** The day's highest open interest, in units. */
  get oiDayHigh(): number {
    return this.uint32At(Full.oiDayHigh);
  }

  /** The day's lowest open interest, in units. */
  get oiDayLow(): number {
    return this.uint32At(Full.oiDayLow);
  }

  /** Unix milliseconds; null when the wire says 0. */
  get exchangeTimestamp(): number | null {
    return this.timestampAt(Full.exchangeTimestamp);
  }

  /** Five levels a side, the best first: plain objects, made at the first access and kept. */
  get depth(): Depth {
    return (this.#depth ??= this.decodeDepth());
  }

  /** Units bid at a level of the depth, 0 (the best) to 4; NaN beyond. Does not make {@link depth}. */
  buyQuantity(index: number): number {
    return isLevel(index) ? this.uint32At(Buy.quantity + index * Levels.length) : NaN;
  }

  /** In rupees, the bid price of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyPrice(index: number): number {
    return isLevel(index) ? this.priceAt(Buy.price + index * Levels.length) : NaN;
  }

  /** Open orders that make up the bid of a level of the depth, 0 (the best) to 4; NaN beyond. */
  buyOrders(index: number): number {
    return isLevel(index) ? this.uint16At(Buy.orders + index * Levels.length) : NaN;
  }

  /** Units on offer at a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellQuantity(index: number): number {
    return isLevel(index) ? this.uint32At(Sell.quantity + index * Levels.length) : NaN;
  }

  /** In rupees, the price on offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellPrice(index: number): number {
    return isLevel(index) ? this.priceAt(Sell.price + index * Levels.length) : NaN;
  }

  /** Open orders that make up the offer of a level of the depth, 0 (the best) to 4; NaN beyond. */
  sellOrders(index: number): number {
    return isLevel(index) ? this.uint16At(Sell.orders + index * Levels.length) : NaN;
  }

  /** The plain object that `decodeFrame` gives for this packet, independent of the frame. */
  override toTick(): FullTick {
    return this.decode(Length.full) as FullTick;
  }

  override copy(): LazyFullTick {
    return this.copyAs(LazyFullTick, Length.full);
  }
}

function isLevel(index: number): boolean {
  return index >= 0 && index < (Levels.count as number);
}
