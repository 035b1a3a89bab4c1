import { offsetsOf } from '@kite/kit';
import { PACKETS, priceDivisor, type PriceDivisors } from '@kite/protocol';

import { int32, ownBytes, timestamp, uint32 } from './bytes.js';
import { inspect, plainFields } from './printing.js';

/** An index packet of full mode, in bytes. */
export const INDEX_QUOTE_SIZE = PACKETS.indexFull.length;

const at = offsetsOf(PACKETS.indexFull.fields);

/**
 * An index packet of full mode, read in place.
 *
 * Prices come scaled, in points, and under `…Raw` as the wire's integers.
 */
export class IndexQuote32 {
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

  /** The level of the index, in points. */
  get lastPrice(): number {
    return this.lastPriceRaw / this.#divisor;
  }

  /** The wire's integer. */
  get lastPriceRaw(): number {
    return int32(this.#bytes, at.lastPrice);
  }

  /** The day's highest level, in points. */
  get high(): number {
    return this.highRaw / this.#divisor;
  }

  /** The wire's integer. */
  get highRaw(): number {
    return int32(this.#bytes, at.high);
  }

  /** The day's lowest level, in points. */
  get low(): number {
    return this.lowRaw / this.#divisor;
  }

  /** The wire's integer. */
  get lowRaw(): number {
    return int32(this.#bytes, at.low);
  }

  /** The day's first level, in points. */
  get open(): number {
    return this.openRaw / this.#divisor;
  }

  /** The wire's integer. */
  get openRaw(): number {
    return int32(this.#bytes, at.open);
  }

  /** The previous session's close. */
  get close(): number {
    return this.closeRaw / this.#divisor;
  }

  /** The wire's integer. */
  get closeRaw(): number {
    return int32(this.#bytes, at.close);
  }

  /** The wire's own change since the close, in points: a tick's `netChange`. */
  get priceChange(): number {
    return this.priceChangeRaw / this.#divisor;
  }

  /** The wire's integer. */
  get priceChangeRaw(): number {
    return int32(this.#bytes, at.priceChange);
  }

  /** Unix milliseconds; null when the wire says 0. */
  get exchangeTimestamp(): number | null {
    return timestamp(this.#bytes, at.exchangeTimestamp);
  }

  /** The same view over a copy of the bytes, to keep: a view keeps its packet's whole chunk alive. */
  copy(): IndexQuote32 {
    return new IndexQuote32(ownBytes(this.#bytes), { [this.instrumentToken & 0xff]: this.#divisor });
  }

  /** Every field, the scaled prices without their integers. */
  toJSON(): IndexQuoteFields {
    return plainFields(this, FIELDS);
  }

  /** What `console.log` shows. */
  [inspect](): IndexQuoteFields {
    return this.toJSON();
  }
}

const FIELDS = [
  'instrumentToken',
  'lastPrice',
  'high',
  'low',
  'open',
  'close',
  'priceChange',
  'exchangeTimestamp',
] as const satisfies readonly (keyof IndexQuote32)[];

/** {@link IndexQuote32} as a plain object. */
export type IndexQuoteFields = Pick<IndexQuote32, (typeof FIELDS)[number]>;

/**
 * A view of an index packet of full mode, 32 bytes; null for any other length. Nothing is copied.
 *
 * @param divisors price divisors by segment, on top of the known ones
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 */
export function asIndexQuote32(body: Uint8Array, divisors?: PriceDivisors): IndexQuote32 | null {
  return body.length === INDEX_QUOTE_SIZE ? new IndexQuote32(body, divisors) : null;
}
