import { textDecoder } from '../runtime.js';
import { RETURN } from './bytes.js';
import { CellReader } from './cell-reader.js';
import { Columns } from './columns.js';
import { parseHeader } from './header.js';
import { InstrumentList } from './instrument-list.js';
import { LineReader } from './line-reader.js';
import type { ListIssue, RowFlaw } from './list-issue.js';

const BOM = [0xef, 0xbb, 0xbf];

/** No list has more columns; further cells of a header are counted but not read. */
const MOST_COLUMNS = 256;

/** How many characters of a reported line are shown. */
const SHOWN = 200;

/** Parses chunks of any size into a list. Flawed rows are reported; the others are kept. */
export class ListParser {
  readonly #lines = new LineReader((bytes, from, to) => {
    this.#line(bytes, from, to);
  });
  readonly #onIssue: ((issue: ListIssue) => unknown) | undefined;
  #cells = new CellReader(MOST_COLUMNS);
  #columns: Columns | undefined;
  #lineNumber = 0;
  #skipped = 0;
  #isCutOff = false;

  constructor(onIssue?: (issue: ListIssue) => unknown) {
    this.#onIssue = onIssue;
  }

  /** @throws KiteError `KITE_INSTRUMENTS_INVALID_LIST` as soon as the header shows that this is no list */
  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  /** The last row has no line break and is none, as in a list of which only the beginning has come. Known after {@link end}. */
  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  /** @throws KiteError `KITE_INSTRUMENTS_INVALID_LIST` if there was no header */
  end(): InstrumentList {
    const skipped = this.#skipped;
    this.#isCutOff = this.#lines.end() && this.#skipped > skipped;
    if (this.#columns === undefined) this.#header(new Uint8Array(0), 0, 0);
    const columns = this.#columns!;
    columns.finish();
    return new InstrumentList(columns, this.#skipped);
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    this.#lineNumber++;
    const end = to > from && bytes[to - 1] === RETURN ? to - 1 : to;
    if (this.#columns === undefined) this.#header(bytes, from, end);
    else if (end > from) this.#row(this.#columns, bytes, from, end);
  }

  #row(columns: Columns, bytes: Uint8Array, from: number, to: number): void {
    const flaw = this.#cells.read(bytes, from, to);
    const problem: RowFlaw | undefined = flaw
      ? { kind: 'malformed-row', message: flaw }
      : columns.add(this.#cells);
    if (problem === undefined) return;
    this.#skipped++;
    this.#onIssue?.({ ...problem, line: this.#lineNumber, text: shown(bytes, from, to) });
  }

  #header(bytes: Uint8Array, start: number, to: number): void {
    const from = BOM.every((byte, index) => bytes[start + index] === byte) ? start + BOM.length : start;
    this.#cells.read(bytes, from, to);
    const decoder = textDecoder();
    const { count, starts, ends } = this.#cells;
    const names = Array.from({ length: Math.min(count, MOST_COLUMNS) }, (_, cell) =>
      decoder.decode(this.#cells.bytes.subarray(starts[cell], ends[cell])),
    );
    this.#columns = new Columns(parseHeader(shown(bytes, from, to), names));
  }
}

function shown(bytes: Uint8Array, from: number, to: number): string {
  return textDecoder().decode(bytes.subarray(from, Math.min(to, from + SHOWN)));
}
