import type { InstrumentList } from '../list/instrument-list.js';
import { PlaceFilter } from './place-filter.js';
import { inOrder } from './place-order.js';
import { SearchIndex } from './search-index.js';
import type { SearchQuery } from './search-query.js';
import { headOf } from './symbol-heads.js';

/** The characters before a word of a name. */
const WORD_START = /[\s(&./-]/u;

/** Finds instruments by what a person types, best first. */
export class Search {
  readonly #list: InstrumentList;
  readonly #index: SearchIndex;

  constructor(list: InstrumentList) {
    this.#list = list;
    this.#index = new SearchIndex(list);
  }

  /**
   * The matching rows, best first: the exact symbol; a symbol that begins with the first word, or the exact name; a
   * name with a word that begins with it; a symbol or a name that contains it.
   */
  rows(query: SearchQuery, limit: number): number[] {
    if (query.first === '') return [];
    const filter = new PlaceFilter(query, this.#list, this.#index);
    if (filter.acceptsNone) return [];
    const found = new Set<number>();
    for (const places of this.#byRank(query)) {
      for (const place of places) {
        if (found.has(place) || !filter.accepts(place)) continue;
        found.add(place);
        if (found.size >= limit) break;
      }
      if (found.size >= limit) break;
    }
    return Array.from(found, (place) => this.#index.rows[place]!);
  }

  /** The places of each rank, lazily: the first rank or two are mostly enough. */
  *#byRank({ text, first }: SearchQuery): Generator<Iterable<number>> {
    const { nameNumbers } = this.#index;
    yield this.#exactly(text);
    const name = nameNumbers.get(text);
    const beginning = this.#beginning(first);
    yield name === undefined ? beginning : merged(this.#named([name]), beginning);
    const { begun, inside } = this.#namesWith(first);
    yield this.#named(begun);
    yield merged(this.#containing(first), this.#named(inside));
  }

  /** Places with exactly this symbol, in order. */
  *#exactly(text: string): Generator<number> {
    const { symbols, starts, heads } = this.#index;
    for (const place of heads.exactly(headOf(text))) {
      const length = starts[place + 1]! - starts[place]! - 1;
      if (length === text.length && symbols.startsWith(text, starts[place])) yield place;
    }
  }

  /** Places of symbols that begin with this text, in order. */
  *#beginning(text: string): Generator<number> {
    const { symbols, starts, heads } = this.#index;
    for (const place of heads.beginning(text)) if (symbols.startsWith(text, starts[place])) yield place;
  }

  /** Places with these names, in order. */
  #named(numbers: readonly number[]): Iterable<number> {
    const { places, placeStarts, rows } = this.#index;
    const lists = numbers.map((name) => places.subarray(placeStarts[name], placeStarts[name + 1]));
    return lists.length === 1 ? lists[0]! : inOrder(lists, rows.length);
  }

  /** Names with a word that begins with this text, and names that contain it only inside a word. */
  #namesWith(text: string): { begun: number[]; inside: number[] } {
    const { names, nameStarts } = this.#index;
    const begun: number[] = [];
    const inside: number[] = [];
    let name = 0;
    for (let at = names.indexOf(text); at >= 0;) {
      while (nameStarts[name + 1]! <= at) name++;
      const end = nameStarts[name + 1]!;
      let isBegun = false;
      for (; at >= 0 && at < end; at = names.indexOf(text, at + 1))
        isBegun ||= WORD_START.test(names[at - 1]!);
      (isBegun ? begun : inside).push(name);
    }
    return { begun, inside };
  }

  /** Places of symbols that contain this text, in order. Derivatives only match digits: letters are in the name. */
  *#containing(text: string): Generator<number> {
    const { symbols, underivedSymbols, starts } = this.#index;
    const within = /\d/u.test(text) ? symbols : underivedSymbols;
    let place = 0;
    for (let at = within.indexOf(text); at >= 0; at = within.indexOf(text, starts[place + 1])) {
      while (starts[place + 1]! <= at) place++;
      yield place;
    }
  }
}

/** Merges both, in order. A place may come twice. */
function* merged(first: Iterable<number>, second: Iterable<number>): Generator<number> {
  const others = second[Symbol.iterator]();
  let other = others.next();
  for (const place of first) {
    for (; !other.done && other.value <= place; other = others.next()) yield other.value;
    yield place;
  }
  for (; !other.done; other = others.next()) yield other.value;
}
