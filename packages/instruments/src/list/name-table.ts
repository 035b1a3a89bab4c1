import type { InternedColumn } from './interned-column.js';
import type { TextColumn } from './text-column.js';

const SEED = 0x811c9dc5;

/** Finds the row of a name like `NSE:INFY`: open addressing over the exchange and symbol columns; stores no text. */
export class NameTable {
  readonly #symbols: TextColumn;
  readonly #exchanges: InternedColumn;
  /** A row plus 1, or 0. */
  readonly #rows: Uint32Array;
  readonly #mask: number;

  constructor(symbols: TextColumn, exchanges: InternedColumn, size: number) {
    this.#symbols = symbols;
    this.#exchanges = exchanges;
    const places = 2 ** Math.ceil(Math.log2(Math.max(2, size * 2)));
    this.#rows = new Uint32Array(places);
    this.#mask = places - 1;
    const prefixes = exchanges.values.map((exchange) =>
      hashChars(hashChars(SEED, exchange, 0, exchange.length), ':', 0, 1),
    );
    const { text } = symbols;
    // From the end: among rows with the same name, the first one is put last, and so is found.
    for (let row = size - 1; row >= 0; row--) {
      const exchange = exchanges.ids[row]!;
      const start = symbols.start(row);
      const length = symbols.end(row) - start;
      let slot = hashChars(prefixes[exchange]!, text, start, start + length) & this.#mask;
      for (; this.#rows[slot] !== 0; slot = (slot + 1) & this.#mask)
        if (this.#isName(this.#rows[slot]! - 1, exchange, text, start, length)) break;
      this.#rows[slot] = row + 1;
    }
  }

  /** The row of a name; undefined if there is none. */
  find(name: string): number | undefined {
    const colon = name.indexOf(':');
    const exchange = colon < 0 ? -1 : this.#exchanges.values.indexOf(name.slice(0, colon));
    if (exchange < 0) return undefined;
    const length = name.length - colon - 1;
    let slot = hashChars(SEED, name, 0, name.length) & this.#mask;
    for (; this.#rows[slot] !== 0; slot = (slot + 1) & this.#mask) {
      const row = this.#rows[slot]! - 1;
      if (this.#isName(row, exchange, name, colon + 1, length)) return row;
    }
    return undefined;
  }

  #isName(row: number, exchange: number, text: string, start: number, length: number): boolean {
    if (this.#exchanges.ids[row] !== exchange) return false;
    const from = this.#symbols.start(row);
    if (this.#symbols.end(row) - from !== length) return false;
    const own = this.#symbols.text;
    for (let at = 0; at < length; at++)
      if (own.charCodeAt(from + at) !== text.charCodeAt(start + at)) return false;
    return true;
  }
}

function hashChars(seed: number, text: string, from: number, to: number): number {
  let hash = seed;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
