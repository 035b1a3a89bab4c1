import type { Instrument } from '../instrument.js';
import type { Columns } from './columns.js';
import { formatDate } from './date-cell.js';
import type { InternedColumn } from './interned-column.js';
import { NameTable } from './name-table.js';

const NO_EXTRA: Readonly<Record<string, string>> = Object.freeze({});

/** An immutable list of instruments. Rows are numbered from 0. */
export class InstrumentList {
  readonly columns: Columns;
  /** Rows that were reported and skipped. */
  readonly skipped: number;
  readonly size: number;
  #names: NameTable | undefined;

  constructor(columns: Columns, skipped: number) {
    this.columns = columns;
    this.skipped = skipped;
    this.size = columns.rows;
  }

  /** The row of a token; undefined if there is none. */
  rowOfToken(token: number): number | undefined {
    return this.columns.rowOfToken.find(token);
  }

  /** The row of `NSE:INFY`, the first of several; undefined if there is none. */
  rowOfName(name: string): number | undefined {
    const { symbols, texts } = this.columns;
    const exchanges = texts.get('exchange');
    if (!symbols || !exchanges) return undefined;
    this.#names ??= new NameTable(symbols, exchanges, this.size);
    return this.#names.find(name);
  }

  /** `NSE:INFY`; undefined if the list has no symbols or no exchanges. */
  nameOf(row: number): string | undefined {
    const { symbols, texts } = this.columns;
    const exchange = texts.get('exchange')?.at(row);
    return symbols && exchange !== undefined ? `${exchange}:${symbols.at(row)}` : undefined;
  }

  /** The row as an object. */
  at(row: number): Instrument {
    const { columns } = this;
    return {
      instrumentToken: columns.tokens.values[row]!,
      exchangeToken: this.#number('exchange_token', row),
      tradingsymbol: columns.symbols?.at(row) ?? null,
      name: this.text('name', row),
      lastPrice: this.#number('last_price', row),
      expiry: formatDate(columns.expiries?.values[row] ?? 0),
      strike: this.#number('strike', row),
      tickSize: this.#number('tick_size', row),
      lotSize: this.#number('lot_size', row),
      instrumentType: this.text('instrument_type', row),
      segment: this.text('segment', row),
      exchange: this.text('exchange', row),
      extra: columns.extras.size === 0 ? NO_EXTRA : extraOf(columns.extras, row),
    };
  }

  /** A cell of a text column; null if the list has no such column. */
  text(column: string, row: number): string | null {
    return this.columns.texts.get(column)?.at(row) ?? null;
  }

  #number(column: string, row: number): number | null {
    const value = this.columns.numbers.get(column)?.values[row];
    return value === undefined || Number.isNaN(value) ? null : value;
  }
}

function extraOf(columns: ReadonlyMap<string, InternedColumn>, row: number): Record<string, string> {
  return Object.fromEntries([...columns].map(([name, column]) => [name, column.at(row)]));
}
