import type { InstrumentList } from '../list/instrument-list.js';
import { PlaceFilter } from './place-filter.js';
import { SearchIndex } from './search-index.js';
import type { SearchQuery } from './search-query.js';
import { headOf } from './symbol-heads.js';

/** What a word of a name begins behind. */
const WORD_START = /[\s(&./-]/u;

/** So many places are sorted rather than looked for. */
const FEW = 4096;

/** Finds instruments by what a person types, best first. */
export class Search {
  readonly #list: InstrumentList;
  readonly #index: SearchIndex;

  constructor(list: InstrumentList) {
    this.#list = list;
    this.#index = new SearchIndex(list);
  }

  /**
   * The rows that match, best first: the very symbol; a symbol that begins with the first word, or the very name; a name with
   * a word that begins with it; a symbol or a name that has it anywhere.
   */
  rows(query: SearchQuery, limit: number): number[] {
    if (query.first === '') return [];
    const filter = new PlaceFilter(query, this.#list, this.#index);
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

  /** The places of each rank, lazily: mostly the first rank or two are enough. */
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

  /** Places with this very symbol, in order. */
  *#exactly(text: string): Generator<number> {
    const { symbols, starts, heads } = this.#index;
    for (const place of heads.exactly(headOf(text))) {
      const length = starts[place + 1]! - starts[place]! - 1;
      if (length === text.length && symbols.startsWith(text, starts[place])) yield place;
    }
  }

  /** Places whose symbol begins like this, in order. */
  *#beginning(text: string): Generator<number> {
    const { symbols, starts, heads, rows } = this.#index;
    const initial = text.charCodeAt(0);
    for (const place of heads.beginning(text, FEW) ?? rows.keys()) {
      const start = starts[place]!;
      if (symbols.charCodeAt(start) === initial && symbols.startsWith(text, start)) yield place;
    }
  }

  /** Places with these names, in order. */
  #named(numbers: readonly number[]): Iterable<number> {
    const { places, placeStarts } = this.#index;
    if (numbers.length === 1) return places.subarray(placeStarts[numbers[0]!], placeStarts[numbers[0]! + 1]);
    const count = numbers.reduce((sum, name) => sum + placeStarts[name + 1]! - placeStarts[name]!, 0);
    if (count > FEW) return this.#marked(numbers);
    const found = new Uint32Array(count);
    let at = 0;
    for (const name of numbers) {
      const some = places.subarray(placeStarts[name], placeStarts[name + 1]);
      found.set(some, at);
      at += some.length;
    }
    return found.sort();
  }

  /** As {@link #named}, for many: going through all places costs less than sorting some. */
  *#marked(numbers: readonly number[]): Generator<number> {
    const { nameAt, nameStarts } = this.#index;
    const marks = new Uint8Array(nameStarts.length);
    for (const name of numbers) marks[name] = 1;
    for (let place = 0; place < nameAt.length; place++) if (marks[nameAt[place]!] === 1) yield place;
  }

  /** The names that have a word which begins like this, and those that have it inside of a word only. */
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

  /** Places whose symbol has this text anywhere, in order. Symbols of derivatives are looked through for digits alone: their letters are in the name. */
  *#containing(text: string): Generator<number> {
    const { symbols, starts, rows, derivatives } = this.#index;
    const end = /\d/u.test(text) ? rows.length : derivatives;
    let place = 0;
    for (let at = symbols.indexOf(text); at >= 0; at = symbols.indexOf(text, starts[place + 1])) {
      while (starts[place + 1]! <= at) place++;
      if (place >= end) return;
      yield place;
    }
  }
}

/** Both, in order. A place may come twice. */
function* merged(first: Iterable<number>, second: Iterable<number>): Generator<number> {
  const others = second[Symbol.iterator]();
  let other = others.next();
  for (const place of first) {
    for (; !other.done && other.value <= place; other = others.next()) yield other.value;
    yield place;
  }
  for (; !other.done; other = others.next()) yield other.value;
}
