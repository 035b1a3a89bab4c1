import type { MergedState } from './merged-states.js';

/** The length of a packet that shows only the price. */
export const LTP_BYTES = 8;

/** How far one streaming account can be behind another, in milliseconds. */
export const BEHIND_MS = 30_000;

/** The part of a packet that shows its instrument and its price. */
export function priceOf(key: string): string {
  return key.slice(0, LTP_BYTES);
}

/** Whether the state has the price of this packet. */
export function hasPrice({ forms }: MergedState, key: string): boolean {
  const [form] = forms.keys();
  return priceOf(form!) === priceOf(key);
}

/**
 * The position of a stream of bare prices in the market's order: the first state that each price may be, whichever
 * account showed it. A price that fits no state from there on is turned back or repeated, whatever state it was.
 */
export class PriceOrder {
  readonly #states: readonly MergedState[];
  #index: number;
  #bytes: number;

  /**
   * @param index the last delivered state; -1: none
   * @param bytes the length of its packet
   */
  constructor(states: readonly MergedState[], index: number, bytes: number) {
    this.#states = states;
    this.#index = index;
    this.#bytes = bytes;
  }

  /**
   * The first state that the packet delivered at this time may be; undefined: none, and nothing has changed.
   *
   * @param from states that last came before this are no candidates
   */
  next(key: string, at: number, from: number): number | undefined {
    const index = this.#find(key, at, from);
    if (index === undefined) return undefined;
    this.#index = index;
    this.#bytes = key.length;
    return index;
  }

  #find(key: string, at: number, from: number): number | undefined {
    const here = this.#states[this.#index];
    // A server begins with a quote of a state; the state's price follows, or came before.
    if (here && key.length !== this.#bytes && hasPrice(here, key)) return this.#index;
    for (let index = this.#index + 1; index < this.#states.length; index++) {
      const state = this.#states[index]!;
      if (state.at > at) return undefined;
      if (state.until >= from && hasPrice(state, key)) return index;
    }
    return undefined;
  }
}
