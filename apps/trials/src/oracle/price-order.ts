import type { MergedState } from './merged-states.js';

/** The length of a packet that shows the price alone. */
export const LTP_BYTES = 8;

/** The furthest that one streaming account can be behind another, in milliseconds. */
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
 * Where a stream of prices is in the market's order, where nothing but the price tells one state from another: at the first
 * state that each price may be, whichever account showed it. A price that finds no place from there on turns back or is
 * repeated, whatever state it was.
 */
export class PriceOrder {
  readonly #states: readonly MergedState[];
  #index: number;
  #bytes: number;

  /**
   * @param index the state that was delivered last; -1: none was
   * @param bytes how long its packet was
   */
  constructor(states: readonly MergedState[], index: number, bytes: number) {
    this.#states = states;
    this.#index = index;
    this.#bytes = bytes;
  }

  /**
   * The first state that the packet may be which was delivered at this time; undefined: none, and then nothing has changed.
   *
   * @param from what came last before this is no candidate
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
    // A server begins with a quote of the state whose price follows, or came.
    if (here && key.length !== this.#bytes && hasPrice(here, key)) return this.#index;
    for (let index = this.#index + 1; index < this.#states.length; index++) {
      const state = this.#states[index]!;
      if (state.at > at) return undefined;
      if (state.until >= from && hasPrice(state, key)) return index;
    }
    return undefined;
  }
}
