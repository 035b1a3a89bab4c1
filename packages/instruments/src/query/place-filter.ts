import type { InstrumentList } from '../list/instrument-list.js';
import type { SearchIndex } from './search-index.js';
import type { SearchQuery } from './search-query.js';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** A word of a query after the first one. */
interface Word {
  readonly text: string;
  /** The month it names, 1 to 12; else 0. */
  readonly month: number;
  readonly hasDigit: boolean;
  /** Whether a name has it, by the name's number: computed once per name. */
  readonly inNames: Map<number, boolean>;
}

/** A query's conditions besides its first word. */
export class PlaceFilter {
  readonly #index: SearchIndex;
  readonly #exchange: ((row: number) => boolean) | undefined;
  readonly #type: ((row: number) => boolean) | undefined;
  readonly #strikes: Float64Array | undefined;
  readonly #expiries: Int32Array | undefined;
  readonly #numbers: readonly { readonly value: number; readonly word: Word }[];
  readonly #words: readonly Word[];

  constructor({ exchange, type, numbers, words }: SearchQuery, list: InstrumentList, index: SearchIndex) {
    this.#index = index;
    this.#exchange = isText(list, 'exchange', exchange);
    this.#type = isText(list, 'instrument_type', type);
    this.#strikes = list.columns.numbers.get('strike')?.values;
    this.#expiries = list.columns.expiries?.values;
    this.#numbers = numbers.map((text) => ({ value: Number(text), word: wordOf(text) }));
    this.#words = words.map(wordOf);
  }

  /** Whether one of the words occurs in no instrument. */
  get acceptsNone(): boolean {
    const { names, underivedSymbols } = this.#index;
    return this.#words.some(
      ({ text, month, hasDigit }) =>
        month === 0 && !hasDigit && !names.includes(text) && !underivedSymbols.includes(text),
    );
  }

  accepts(place: number): boolean {
    const row = this.#index.rows[place]!;
    if (this.#exchange?.(row) === false || this.#type?.(row) === false) return false;
    const strike = this.#strikes?.[row] ?? 0;
    // An option matches a number by its strike, anything else by a word.
    for (const { value, word } of this.#numbers)
      if (strike > 0 ? strike !== value : !this.#hasWord(word, row, place)) return false;
    for (const word of this.#words) if (!this.#hasWord(word, row, place)) return false;
    return true;
  }

  #hasWord(word: Word, row: number, place: number): boolean {
    const { derivatives, symbols, starts } = this.#index;
    const isDerivative = place >= derivatives;
    if (word.month > 0 && isDerivative && Math.floor(this.#expiries![row]! / 100) % 100 === word.month)
      return true;
    if (this.#isInName(word, this.#index.nameAt[place]!)) return true;
    // A derivative's symbol has the letters of its name.
    if (isDerivative && !word.hasDigit) return false;
    return symbols.slice(starts[place], starts[place + 1]! - 1).includes(word.text);
  }

  #isInName(word: Word, number: number): boolean {
    const known = word.inNames.get(number);
    if (known !== undefined) return known;
    const { names, nameStarts } = this.#index;
    const name = names.slice(nameStarts[number], nameStarts[number + 1]! - 1);
    const isThere = name.startsWith(word.text) || name.includes(` ${word.text}`);
    word.inNames.set(number, isThere);
    return isThere;
  }
}

function wordOf(text: string): Word {
  return { text, month: MONTHS.indexOf(text) + 1, hasDigit: /\d/u.test(text), inNames: new Map() };
}

/** Compares the numbers of texts instead of texts. Undefined if any text will do. */
function isText(
  list: InstrumentList,
  column: string,
  wanted: string | undefined,
): ((row: number) => boolean) | undefined {
  if (wanted === undefined) return undefined;
  const texts = list.columns.texts.get(column);
  const id = texts?.values.indexOf(wanted) ?? -1;
  return id < 0 ? () => false : (row) => texts!.ids[row] === id;
}
