import { offsetsOf } from '@kite/kit';
import { PACKETS, priceDivisor, type PriceDivisors } from '@kite/protocol';

import { int32, ownBytes, timestamp, uint32 } from './bytes.js';
import { inspect, plainFields } from './printing.js';

/** A full packet without its depth, in bytes. */
export const INST_HEADER_SIZE = 64;

const TICK_FULL_LENGTH = PACKETS.full.length;
const at = offsetsOf(PACKETS.full.fields);

/**
 * The first 64 bytes of a full packet, read in place: the quote, open interest and timestamps.
 *
 * Prices come scaled, in rupees, and under `…Raw` as the wire's integers.
 */
export class InstHeader64 {
  readonly #bytes: Uint8Array;
  readonly #divisor: number;

  constructor(bytes: Uint8Array, divisors?: PriceDivisors) {
    this.#bytes = bytes;
    this.#divisor = priceDivisor(uint32(bytes, at.instrumentToken), divisors);
  }

  /** As in Kite's instruments list; unsigned. */
  get instrumentToken(): number {
    return uint32(this.#bytes, at.instrumentToken);
  }

  /** The divisor of the wire's prices. */
  get divisor(): number {
    return this.#divisor;
  }

  /** In rupees. */
  get lastPrice(): number {
    return this.lastPriceRaw / this.#divisor;
  }

  /** The wire's integer. */
  get lastPriceRaw(): number {
    return int32(this.#bytes, at.lastPrice);
  }

  /** Units of the last trade. */
  get lastTradedQuantity(): number {
    return uint32(this.#bytes, at.lastTradedQuantity);
  }

  /** In rupees, volume-weighted over the day. */
  get averageTradedPrice(): number {
    return this.averageTradedPriceRaw / this.#divisor;
  }

  /** The wire's integer. */
  get averageTradedPriceRaw(): number {
    return int32(this.#bytes, at.averageTradedPrice);
  }

  /** Units traded today. */
  get volumeTraded(): number {
    return uint32(this.#bytes, at.volumeTraded);
  }

  /** Units of all open buy orders. */
  get totalBuyQuantity(): number {
    return uint32(this.#bytes, at.totalBuyQuantity);
  }

  /** Units of all open sell orders. */
  get totalSellQuantity(): number {
    return uint32(this.#bytes, at.totalSellQuantity);
  }

  /** The day's first price, in rupees. */
  get open(): number {
    return this.openRaw / this.#divisor;
  }

  /** The wire's integer. */
  get openRaw(): number {
    return int32(this.#bytes, at.open);
  }

  /** The day's highest price, in rupees. */
  get high(): number {
    return this.highRaw / this.#divisor;
  }

  /** The wire's integer. */
  get highRaw(): number {
    return int32(this.#bytes, at.high);
  }

  /** The day's lowest price, in rupees. */
  get low(): number {
    return this.lowRaw / this.#divisor;
  }

  /** The wire's integer. */
  get lowRaw(): number {
    return int32(this.#bytes, at.low);
  }

  /** The previous session's close. */
  get close(): number {
    return this.closeRaw / this.#divisor;
  }

  /** The wire's integer. */
  get closeRaw(): number {
    return int32(this.#bytes, at.close);
  }

  /** Unix milliseconds; null when the wire says 0. */
  get lastTradeTime(): number | null {
    return timestamp(this.#bytes, at.lastTradeTime);
  }

  /** Open interest, in units. */
  get oi(): number {
    return uint32(this.#bytes, at.oi);
  }

  /** The day's highest open interest, in units. */
  get oiDayHigh(): number {
    return uint32(this.#bytes, at.oiDayHigh);
  }

  /** The day's lowest open interest, in units. */
  get oiDayLow(): number {
    return uint32(this.#bytes, at.oiDayLow);
  }

  /** Unix milliseconds; null when the wire says 0. */
  get exchangeTimestamp(): number | null {
    return timestamp(this.#bytes, at.exchangeTimestamp);
  }

  /** The same header over a copy of the bytes, to keep: a view keeps its packet's whole chunk alive. */
  copy(): InstHeader64 {
    const divisor = { [this.instrumentToken & 0xff]: this.#divisor };
    return new InstHeader64(ownBytes(this.#bytes.subarray(0, INST_HEADER_SIZE)), divisor);
  }

  /** Every field, the scaled prices without their integers. */
  toJSON(): InstHeaderFields {
    return plainFields(this, FIELDS);
  }

  /** What `console.log` shows. */
  [inspect](): InstHeaderFields {
    return this.toJSON();
  }
}

const FIELDS = [
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
  'lastTradeTime',
  'oi',
  'oiDayHigh',
  'oiDayLow',
  'exchangeTimestamp',
] as const satisfies readonly (keyof InstHeader64)[];

/** {@link InstHeader64} as a plain object. */
export type InstHeaderFields = Pick<InstHeader64, (typeof FIELDS)[number]>;

/**
 * A view of the first 64 bytes of a full packet: a body of 64 bytes, or the head of one of 184. Null for any other
 * length. Nothing is copied.
 *
 * @param divisors price divisors by segment, on top of the known ones
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 */
export function asInstHeader64(body: Uint8Array, divisors?: PriceDivisors): InstHeader64 | null {
  const { length } = body;
  return length === INST_HEADER_SIZE || length === TICK_FULL_LENGTH ? new InstHeader64(body, divisors) : null;
}
