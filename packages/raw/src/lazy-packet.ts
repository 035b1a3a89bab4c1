import { decodeDepth, decodePacket, type Depth, type Segment, type Tick } from '@kite/protocol';

import { ownBytes } from './bytes.js';
import { inspect } from './printing.js';
import { Full } from './wire-offsets.js';

/** A length known to the decoder. */
type KnownLength = Parameters<typeof decodePacket>[2];

/** How a subclass makes another of its kind. */
type LazyKind<T> = new (view: DataView, offset: number, divisor: number) => T;

/**
 * The base of lazy ticks: a place in a chunk of bytes, and the divisor of its prices. The fields are getters, so an
 * unread field costs nothing; the state is private, so only fields show.
 */
export abstract class LazyPacket {
  readonly #view: DataView;
  readonly #offset: number;
  readonly #divisor: number;

  constructor(view: DataView, offset: number, divisor: number) {
    this.#view = view;
    this.#offset = offset;
    this.#divisor = divisor;
  }

  /** As in Kite's instruments list; unsigned. */
  get instrumentToken(): number {
    return this.#view.getUint32(this.#offset + Full.instrumentToken);
  }

  /** The low byte of the token. */
  get segment(): Segment {
    return this.instrumentToken & 0xff;
  }

  /** In rupees. */
  get lastPrice(): number {
    return this.#view.getInt32(this.#offset + Full.lastPrice) / this.#divisor;
  }

  /** The wire's integer. */
  get lastPriceRaw(): number {
    return this.#view.getInt32(this.#offset + Full.lastPrice);
  }

  /** The divisor of the wire's prices. */
  get divisor(): number {
    return this.#divisor;
  }

  /** The same tick over a copy of the bytes, to keep: a lazy tick keeps its frame's whole chunk alive. */
  abstract copy(): LazyPacket;

  abstract toTick(): Tick;

  /** For `JSON.stringify`: the same as {@link toTick}. */
  toJSON(): Tick {
    return this.toTick();
  }

  /** What `console.log` shows. */
  [inspect](): Tick {
    return this.toTick();
  }

  /** @internal */
  protected decode(length: KnownLength): Tick {
    return decodePacket(this.#view, this.#offset, length, this.instrumentToken, this.#divisor);
  }

  /** @internal */
  protected decodeDepth(): Depth {
    return decodeDepth(this.#view, this.#offset, this.#divisor);
  }

  /** @internal */
  protected uint16At(offset: number): number {
    return this.#view.getUint16(this.#offset + offset);
  }

  /** @internal */
  protected uint32At(offset: number): number {
    return this.#view.getUint32(this.#offset + offset);
  }

  /** @internal */
  protected int32At(offset: number): number {
    return this.#view.getInt32(this.#offset + offset);
  }

  /** @internal */
  protected priceAt(offset: number): number {
    return this.#view.getInt32(this.#offset + offset) / this.#divisor;
  }

  /** @internal */
  protected timestampAt(offset: number): number | null {
    const seconds = this.#view.getUint32(this.#offset + offset);
    return seconds === 0 ? null : seconds * 1000;
  }

  /** @internal */
  protected copyAs<T>(Kind: LazyKind<T>, length: number): T {
    const bytes = ownBytes(new Uint8Array(this.#view.buffer, this.#offset, length));
    return new Kind(new DataView(bytes.buffer), 0, this.#divisor);
  }
}
