import { offsetsOf } from '@kite/kit';
import { DEPTH } from '@kite/protocol';

import { int32, uint16, uint32 } from './bytes.js';
import { inspect, plainFields } from './printing.js';

const at = offsetsOf(DEPTH.fields);

/** One level of market depth, read in place. */
export class DepthEntryRaw {
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  readonly #divisor: number;

  constructor(bytes: Uint8Array, offset: number, divisor: number) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#divisor = divisor;
  }

  /** Units on offer at this price. */
  get qty(): number {
    return uint32(this.#bytes, this.#offset + at.quantity);
  }

  /** In rupees; 0 if the level is empty. */
  get price(): number {
    return this.priceRaw / this.#divisor;
  }

  /** The wire's integer. */
  get priceRaw(): number {
    return int32(this.#bytes, this.#offset + at.price);
  }

  /** Open orders that make up the quantity. */
  get orders(): number {
    return uint16(this.#bytes, this.#offset + at.orders);
  }

  /** Every field, the price without its integer. */
  toJSON(): DepthEntryFields {
    return plainFields(this, FIELDS);
  }

  /** What `console.log` shows. */
  [inspect](): DepthEntryFields {
    return this.toJSON();
  }
}

const FIELDS = ['qty', 'price', 'orders'] as const satisfies readonly (keyof DepthEntryRaw)[];

/** {@link DepthEntryRaw} as a plain object. */
export type DepthEntryFields = Pick<DepthEntryRaw, (typeof FIELDS)[number]>;

/** The five levels of one side, the best first. */
export type DepthSideRaw = readonly [
  DepthEntryRaw,
  DepthEntryRaw,
  DepthEntryRaw,
  DepthEntryRaw,
  DepthEntryRaw,
];

/** Market depth: the five best bids and the five best offers. */
export interface DepthRaw {
  /** Bids, the highest first. */
  readonly buy: DepthSideRaw;
  /** Offers, the lowest first. */
  readonly sell: DepthSideRaw;
}

/** The depth of a full packet. */
export function depthRaw(bytes: Uint8Array, divisor: number): DepthRaw {
  return { buy: side(bytes, DEPTH.buyOffset, divisor), sell: side(bytes, DEPTH.sellOffset, divisor) };
}

function side(bytes: Uint8Array, offset: number, divisor: number): DepthSideRaw {
  return [
    new DepthEntryRaw(bytes, offset, divisor),
    new DepthEntryRaw(bytes, offset + DEPTH.levelLength, divisor),
    new DepthEntryRaw(bytes, offset + 2 * DEPTH.levelLength, divisor),
    new DepthEntryRaw(bytes, offset + 3 * DEPTH.levelLength, divisor),
    new DepthEntryRaw(bytes, offset + 4 * DEPTH.levelLength, divisor),
  ];
}
