import { describeValue } from '@kite/kit';

import { textDecoder } from '../runtime.js';
import type { CellReader } from './cell-reader.js';
import { NOT_A_DATE, parseDate } from './date-cell.js';
import type { HeaderColumn } from './header.js';
import { InternedColumn } from './interned-column.js';
import type { RowFlaw } from './list-issue.js';
import { NOT_A_NUMBER, parseNumber } from './number-cell.js';
import { NumberColumn } from './number-column.js';
import { TextColumn } from './text-column.js';
import { TokenTable } from './token-table.js';

const MAX_TOKEN = 0xffff_ffff;

/** The columns of one kind, by the header's names. */
type ByName<Column> = ReadonlyMap<string, Column>;

/** A list of instruments, column by column. Rows are added, and then finished. */
export class Columns {
  readonly tokens = new NumberColumn(new Uint32Array(1024));
  /** NaN for an empty cell. */
  readonly numbers: ByName<NumberColumn<Float64Array>>;
  /** YYYYMMDD; 0 for an empty cell. */
  readonly expiries: NumberColumn<Int32Array> | undefined;
  readonly symbols: TextColumn | undefined;
  readonly texts: ByName<InternedColumn>;
  /** Columns that this package does not know. */
  readonly extras: ByName<InternedColumn>;
  readonly rowOfToken = new TokenTable((row) => this.tokens.values[row]!);
  readonly #header: readonly HeaderColumn[];
  readonly #tokenCell: number;
  readonly #numberCells: [NumberColumn<Float64Array>, number][];
  readonly #textCells: [InternedColumn, number][];
  readonly #expiryCell: number;
  readonly #symbolCell: number;
  /** The numbers of a row, until all of its cells are checked. */
  readonly #pending: Float64Array;
  #rows = 0;

  constructor(header: readonly HeaderColumn[]) {
    const cellOf = (kind: string): number => header.findIndex((column) => column.kind === kind);
    this.#header = header;
    this.#tokenCell = cellOf('token');
    this.#expiryCell = cellOf('date');
    this.#symbolCell = cellOf('symbol');
    this.expiries = this.#expiryCell < 0 ? undefined : new NumberColumn(new Int32Array(1024));
    this.symbols = this.#symbolCell < 0 ? undefined : new TextColumn();
    this.numbers = ofKind(header, 'number', () => new NumberColumn(new Float64Array(1024)));
    this.texts = ofKind(header, 'text', () => new InternedColumn());
    this.extras = ofKind(header, 'extra', () => new InternedColumn());
    const withCell = <Column>(columns: ByName<Column>): [Column, number][] =>
      [...columns].map(([name, column]) => [column, header.findIndex((cell) => cell.name === name)]);
    this.#numberCells = withCell(this.numbers);
    this.#textCells = [...withCell(this.texts), ...withCell(this.extras)];
    this.#pending = new Float64Array(this.#numberCells.length);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds a row; or adds nothing and returns why. */
  add(cells: CellReader): RowFlaw | undefined {
    const { bytes, starts, ends } = cells;
    if (cells.count !== this.#header.length) {
      const message = `${cells.count} cells, and the header has ${this.#header.length}`;
      return { kind: 'malformed-row', message };
    }
    const token = parseNumber(bytes, starts[this.#tokenCell]!, ends[this.#tokenCell]!);
    if (!(token >= 1 && token <= MAX_TOKEN && Number.isInteger(token)))
      return this.#invalid(cells, this.#tokenCell, `an integer from 1 to ${MAX_TOKEN}`);
    for (let index = 0; index < this.#numberCells.length; index++) {
      const cell = this.#numberCells[index]![1];
      const value = parseNumber(bytes, starts[cell]!, ends[cell]!);
      if (value === NOT_A_NUMBER) return this.#invalid(cells, cell, 'a number, or nothing');
      this.#pending[index] = value;
    }
    const expiry =
      this.#expiryCell < 0 ? 0 : parseDate(bytes, starts[this.#expiryCell]!, ends[this.#expiryCell]!);
    if (expiry === NOT_A_DATE) return this.#invalid(cells, this.#expiryCell, 'a date YYYY-MM-DD, or nothing');
    const symbol = this.#symbolCell;
    if (symbol >= 0 && starts[symbol] === ends[symbol]) return this.#invalid(cells, symbol, 'a symbol');
    if (this.rowOfToken.find(token) !== undefined) {
      const message = `an earlier row has the instrument token ${token}`;
      return { kind: 'repeated-token', instrumentToken: token, message };
    }
    this.tokens.push(token);
    this.rowOfToken.add(this.#rows, token);
    for (let index = 0; index < this.#numberCells.length; index++)
      this.#numberCells[index]![0].push(this.#pending[index]!);
    this.expiries?.push(expiry);
    this.symbols?.push(bytes, starts[symbol]!, ends[symbol]!);
    for (const [column, cell] of this.#textCells) column.push(bytes, starts[cell]!, ends[cell]!);
    this.#rows++;
    return undefined;
  }

  /** Ends the adding of rows and releases unused memory. */
  finish(): void {
    this.tokens.trim();
    for (const column of this.numbers.values()) column.trim();
    this.expiries?.trim();
    this.symbols?.finish();
    for (const column of [...this.texts.values(), ...this.extras.values()]) column.trim();
  }

  #invalid({ bytes, starts, ends }: CellReader, cell: number, allowed: string): RowFlaw {
    const column = this.#header[cell]!.name;
    const text = textDecoder().decode(bytes.subarray(starts[cell], ends[cell]));
    const message = `${column} is ${describeValue(text)}; allowed: ${allowed}`;
    return { kind: 'invalid-cell', column, message };
  }
}

function ofKind<Column>(
  header: readonly HeaderColumn[],
  kind: HeaderColumn['kind'],
  create: () => Column,
): ByName<Column> {
  const names = header.filter((column) => column.kind === kind).map(({ name }) => name);
  return new Map(names.map((name) => [name, create()]));
}
