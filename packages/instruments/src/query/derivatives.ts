import type { Instrument } from '../instrument.js';
import { dateNumber, formatDate } from '../list/date-cell.js';
import type { InstrumentList } from '../list/instrument-list.js';
import { parseUnderlying } from './underlying.js';

/** One strike of an option chain. */
export interface ChainRow {
  /** In rupees. */
  strike: number;
  /** The call; absent if the list has none. */
  ce?: Instrument;
  /** The put; absent if the list has none. */
  pe?: Instrument;
}

/** The futures of an underlying in order of expiry. */
export const FUTURE_MONTHS = ['near', 'next', 'far'] as const;

/** Which future: the list's first, second or third expiry. */
export type FutureMonth = (typeof FUTURE_MONTHS)[number];

/** Derivatives by underlying. Expiries come from the list, in date order: no calendar, no clock. */
export class Derivatives {
  readonly #list: InstrumentList;
  /** Rows by the underlying's name, then by exchange. */
  readonly #rows = new Map<string, Map<string, number[]>>();

  constructor(list: InstrumentList) {
    this.#list = list;
    const { expiries, texts } = list.columns;
    const names = texts.get('name');
    if (!expiries || !names) return;
    const dates = expiries.values;
    for (let row = 0; row < list.size; row++) {
      if (dates[row] === 0) continue;
      const name = names.at(row).toUpperCase();
      let byExchange = this.#rows.get(name);
      if (!byExchange) this.#rows.set(name, (byExchange = new Map<string, number[]>()));
      const exchange = list.text('exchange', row) ?? '';
      const rows = byExchange.get(exchange);
      if (rows) rows.push(row);
      else byExchange.set(exchange, [row]);
    }
  }

  expiries(underlying: string): string[] {
    const dates = new Set(this.#rowsOf(underlying).map((row) => this.#expiry(row)));
    return [...dates].sort((a, b) => a - b).map((date) => formatDate(date)!);
  }

  chain(underlying: string, expiry?: string): ChainRow[] {
    const options = this.#rowsOf(underlying).filter((row) => this.#isOption(row));
    const date =
      expiry === undefined
        ? options.reduce((first, row) => Math.min(first, this.#expiry(row)), Infinity)
        : dateNumber(expiry);
    const byStrike = new Map<number, ChainRow>();
    for (const row of options) {
      if (this.#expiry(row) !== date) continue;
      const instrument = this.#list.at(row);
      const { strike, instrumentType } = instrument;
      if (strike === null) continue;
      let entry = byStrike.get(strike);
      if (!entry) byStrike.set(strike, (entry = { strike }));
      entry[instrumentType === 'CE' ? 'ce' : 'pe'] ??= instrument;
    }
    return [...byStrike.values()].sort((a, b) => a.strike - b.strike);
  }

  /** The strikes around a price. At an end of the chain the number is the same, with strikes further from the price. */
  atTheMoney(underlying: string, price: number, around: number, expiry?: string): ChainRow[] {
    const chain = this.chain(underlying, expiry);
    let middle = 0;
    for (const [index, { strike }] of chain.entries())
      if (Math.abs(strike - price) < Math.abs(chain[middle]!.strike - price)) middle = index;
    const count = 2 * around + 1;
    const first = Math.max(0, Math.min(middle - around, chain.length - count));
    return chain.slice(first, first + count);
  }

  future(underlying: string, month: FutureMonth): Instrument | undefined {
    const futures = this.#rowsOf(underlying).filter((row) => this.#type(row) === 'FUT');
    const dates = [...new Set(futures.map((row) => this.#expiry(row)))].sort((a, b) => a - b);
    const date = dates[FUTURE_MONTHS.indexOf(month)];
    const row = date === undefined ? undefined : futures.find((future) => this.#expiry(future) === date);
    return row === undefined ? undefined : this.#list.at(row);
  }

  /** The rows of one exchange: if several have contracts and none is named, the one with the most. */
  #rowsOf(underlying: string): readonly number[] {
    const { name, exchanges } = parseUnderlying(underlying);
    let most: readonly number[] = [];
    for (const [exchange, rows] of this.#rows.get(name) ?? [])
      if ((exchanges?.includes(exchange) ?? true) && rows.length > most.length) most = rows;
    return most;
  }

  #isOption(row: number): boolean {
    const type = this.#type(row);
    return type === 'CE' || type === 'PE';
  }

  #type(row: number): string | null {
    return this.#list.text('instrument_type', row);
  }

  #expiry(row: number): number {
    return this.#list.columns.expiries!.values[row]!;
  }
}
