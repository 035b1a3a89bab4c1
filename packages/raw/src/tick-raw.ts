import { PACKETS, type PriceDivisors } from '@kite/protocol';

import { ownBytes } from './bytes.js';
import { type DepthEntryFields, type DepthRaw, depthRaw } from './depth-raw.js';
import { InstHeader64, type InstHeaderFields } from './inst-header.js';
import { inspect } from './printing.js';

/** A full packet, in bytes. */
export const TICK_FULL_SIZE = PACKETS.full.length;

/** {@link TickRaw} as a plain object. */
export interface TickRawFields {
  /** Everything but the depth. */
  header: InstHeaderFields;
  /** Five levels a side, the best first. */
  depth: { buy: DepthEntryFields[]; sell: DepthEntryFields[] };
}

/** A full packet, read in place. */
export class TickRaw {
  /** Everything but the depth. */
  readonly header: InstHeader64;
  readonly #bytes: Uint8Array;
  #depth: DepthRaw | undefined;

  constructor(bytes: Uint8Array, divisors?: PriceDivisors) {
    this.header = new InstHeader64(bytes, divisors);
    this.#bytes = bytes;
  }

  /** Five levels a side, the best first. Made at the first access; they read the bytes at every access. */
  get depth(): DepthRaw {
    return (this.#depth ??= depthRaw(this.#bytes, this.header.divisor));
  }

  /** The same view over a copy of the bytes, to keep: a view keeps its packet's whole chunk alive. */
  copy(): TickRaw {
    const { divisor, instrumentToken } = this.header;
    return new TickRaw(ownBytes(this.#bytes), { [instrumentToken & 0xff]: divisor });
  }

  /** Every field, the scaled prices without their integers. */
  toJSON(): TickRawFields {
    const { header, depth } = this;
    return {
      header: header.toJSON(),
      depth: {
        buy: depth.buy.map((level) => level.toJSON()),
        sell: depth.sell.map((level) => level.toJSON()),
      },
    };
  }

  /** What `console.log` shows. */
  [inspect](): TickRawFields {
    return this.toJSON();
  }
}

/**
 * A view of a full packet, 184 bytes; null for any other length. Nothing is copied.
 *
 * @param divisors price divisors by segment, on top of the known ones
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR`
 */
export function asTickRaw(body: Uint8Array, divisors?: PriceDivisors): TickRaw | null {
  return body.length === TICK_FULL_SIZE ? new TickRaw(body, divisors) : null;
}
