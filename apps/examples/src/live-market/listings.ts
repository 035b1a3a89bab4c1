/** The order of a listing: as given, or by change in percent, largest rise or fall first. */
export type Order = 'given' | 'rise' | 'fall';

/** Which instruments are listed, and in which order. */
export interface Listing {
  /** A part of the symbol, in any letter case; empty: all. */
  readonly filter: string;
  readonly order: Order;
}

/** Everything, in the given order. */
export const ALL: Listing = { filter: '', order: 'given' };

/** The next order, for a key that cycles through them. */
export function nextOrder(order: Order): Order {
  return ({ given: 'rise', rise: 'fall', fall: 'given' } as const)[order];
}

/** The listed data of one instrument. */
export interface Listed<Item> {
  readonly symbolOf: (item: Item) => string;
  /** In percent; null if unknown. */
  readonly changeOf: (item: Item) => number | null;
}

/** The shortest time between reorderings that readers can follow, in milliseconds. */
const SORTED_FOR_MS = 1000;

/** Lists instruments in any order. It caches the last listing, since a screen requests it several times a second. */
export class Listings<Item> {
  readonly #all: readonly Item[];
  readonly #of: Listed<Item>;
  #last: { readonly listing: Listing; readonly items: readonly Item[]; readonly at: number } | undefined;

  constructor(all: readonly Item[], of: Listed<Item>) {
    this.#all = all;
    this.#of = of;
  }

  /** @param now in Unix milliseconds; an order by change is up to a second old */
  get(listing: Listing, now: number): readonly Item[] {
    const last = this.#last;
    const isSame = last?.listing.filter === listing.filter && last.listing.order === listing.order;
    const isFresh =
      listing.order === 'given' || (last !== undefined && Math.abs(now - last.at) < SORTED_FOR_MS);
    if (last && isSame && isFresh) return last.items;
    const items = this.#sorted(this.#filtered(listing.filter), listing.order);
    this.#last = { listing, items, at: now };
    return items;
  }

  #filtered(filter: string): readonly Item[] {
    const wanted = filter.trim().toUpperCase();
    if (wanted === '') return this.#all;
    return this.#all.filter((item) => this.#of.symbolOf(item).toUpperCase().includes(wanted));
  }

  /** An instrument with an unknown change comes last. */
  #sorted(items: readonly Item[], order: Order): readonly Item[] {
    if (order === 'given') return items;
    const sign = order === 'rise' ? -1 : 1;
    const keyed = items.map((item) => {
      const change = this.#of.changeOf(item);
      return { item, key: change === null ? Infinity : sign * change };
    });
    // Two unknown changes: their difference is not a number.
    return keyed.sort((a, b) => (a.key === b.key ? 0 : a.key - b.key)).map(({ item }) => item);
  }
}
