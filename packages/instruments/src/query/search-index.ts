import type { InstrumentList } from '../list/instrument-list.js';
import { headOf, SymbolHeads } from './symbol-heads.js';

/**
 * The index of a search. Symbols have places, in the ranking order of equal matches, so that a search can stop at its
 * limit: indices, then what does not expire, then futures, then options, the nearest expiry first; NSE before BSE
 * before others; short symbols first. Names have numbers; there are far fewer names than symbols.
 */
export class SearchIndex {
  /** The row at each place. */
  readonly rows: Uint32Array;
  /** The first place of a derivative. */
  readonly derivatives: number;
  /** Each symbol in capitals after a line break, and a line break at the end: engines search one text fast. */
  readonly symbols: string;
  /** The small part of {@link symbols} before the derivatives: often all that must be searched. */
  readonly underivedSymbols: string;
  /** The start in {@link symbols} of the symbol at each place, plus one entry for the end. */
  readonly starts: Uint32Array;
  /** The places by the beginnings of their symbols. */
  readonly heads: SymbolHeads;
  /** Each different name in capitals after a line break, and a line break at the end. */
  readonly names: string;
  /** The start of each name in {@link names}, plus one entry for the end. */
  readonly nameStarts: Uint32Array;
  /** The number of each name. */
  readonly nameNumbers: ReadonlyMap<string, number>;
  /** The number of the name at each place. */
  readonly nameAt: Uint32Array;
  /** The places grouped by name, each group in order. */
  readonly places: Uint32Array;
  /** The start of each name's group in {@link places}, plus one entry for the end. */
  readonly placeStarts: Uint32Array;

  constructor(list: InstrumentList) {
    const { expiries, symbols, texts } = list.columns;
    this.rows = ranked(list);
    const first = this.rows.findIndex((row) => (expiries?.values[row] ?? 0) > 0);
    this.derivatives = first < 0 ? list.size : first;
    const all = Array.from(this.rows, (row) => symbols?.at(row).toUpperCase() ?? '');
    this.symbols = joined(all);
    this.starts = startsOf(all);
    this.underivedSymbols = this.symbols.slice(0, this.starts[this.derivatives]);
    this.heads = new SymbolHeads(all.map(headOf));
    const column = texts.get('name');
    const names = (column?.values ?? ['']).map((name) => name.toUpperCase());
    this.names = joined(names);
    this.nameStarts = startsOf(names);
    this.nameNumbers = new Map(names.map((name, number) => [name, number]));
    this.nameAt = this.rows.map((row) => column?.ids[row] ?? 0);
    this.placeStarts = new Uint32Array(names.length + 1);
    this.places = new Uint32Array(list.size);
    this.#sortByName();
  }

  /** A counting sort: it keeps the order of the places. */
  #sortByName(): void {
    const starts = this.placeStarts;
    for (const name of this.nameAt) starts[name + 1]!++;
    for (let name = 1; name < starts.length; name++) starts[name]! += starts[name - 1]!;
    const next = starts.slice();
    for (const [place, name] of this.nameAt.entries()) this.places[next[name]!++] = place;
  }
}

function joined(texts: readonly string[]): string {
  return ['', ...texts, ''].join('\n');
}

function startsOf(texts: readonly string[]): Uint32Array {
  const starts = new Uint32Array(texts.length + 1);
  let at = 1;
  for (const [index, text] of texts.entries()) {
    starts[index] = at;
    at += text.length + 1;
  }
  starts[texts.length] = at;
  return starts;
}

/** Rows in ranking order. A rank is one number, because engines sort numbers much faster than with a comparator. */
function ranked(list: InstrumentList): Uint32Array {
  const { size, columns } = list;
  const types = columns.texts.get('instrument_type');
  const segments = columns.texts.get('segment');
  const exchanges = columns.texts.get('exchange');
  const ranks = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    const date = columns.expiries?.values[row] ?? 0;
    const kind = date > 0 ? (types?.at(row) === 'FUT' ? 2 : 3) : segments?.at(row) === 'INDICES' ? 0 : 1;
    const expiry = Math.min(Math.max(date - 20_000_000, 0), 999_999);
    const exchange = exchanges?.at(row);
    const exchangeRank = exchange === 'NSE' ? 0 : exchange === 'BSE' ? 1 : 2;
    const length = columns.symbols ? columns.symbols.end(row) - columns.symbols.start(row) : 0;
    const rank = ((kind * 1_000_000 + expiry) * 4 + exchangeRank) * 64 + Math.min(length, 63);
    ranks[row] = rank * size + row;
  }
  return Uint32Array.from(ranks.sort(), (rank) => rank % size);
}
