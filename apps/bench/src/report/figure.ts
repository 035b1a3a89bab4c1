/** What a figure counts. A ratio compares within the same run, never with another run. */
type Unit = '×' | 'bytes' | '%' | 'ms' | 'µs' | 'ns' | 'MB' | 'count';

/** The target of a figure. */
export interface Target {
  /** For every run, on a noisy machine too. */
  readonly floor?: number;
  readonly aim?: number;
  /** Whether more is better, as with speed; default true. */
  readonly more?: boolean;
}

/** One figure: what each process measured. */
export interface Figure {
  readonly values: readonly number[];
  readonly unit: Unit;
  readonly target?: Target;
}

/** A cell of a table: a figure, a remark, or not measured. */
export type Cell = Figure | string | null;

export interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** One table of a group. */
export interface Table {
  readonly title: string;
  /** How to read it. */
  readonly note?: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** All that one run measured, as `--json` writes it. */
export interface Report {
  readonly node: string;
  readonly processor: string;
  readonly restarts: number;
  readonly groups: Record<string, readonly Table[]>;
}

export function ratio(values: readonly number[], target?: Target): Figure {
  return { values, unit: '×', ...(target && { target }) };
}

export function bytes(values: readonly number[], target?: Target): Figure {
  return { values, unit: 'bytes', ...(target && { target }) };
}

/** Takes shares from 0 to 1. */
export function percent(values: readonly number[], target?: Target): Figure {
  return { values: values.map((value) => value * 100), unit: '%', ...(target && { target }) };
}

export function milliseconds(values: readonly number[], target?: Target): Figure {
  return { values, unit: 'ms', ...(target && { target }) };
}

export function microseconds(values: readonly number[], target?: Target): Figure {
  return { values, unit: 'µs', ...(target && { target }) };
}

export function nanoseconds(values: readonly number[]): Figure {
  return { values, unit: 'ns' };
}

export function megabytes(values: readonly number[]): Figure {
  return { values, unit: 'MB' };
}

export function count(values: readonly number[], target?: Target): Figure {
  return { values, unit: 'count', ...(target && { target }) };
}

/** @throws Error if the table has no such figure */
export function figureOf(table: Table, row: string, column: string): Figure {
  const cell = table.rows.find(({ name }) => name === row)?.cells[table.columns.indexOf(column)];
  if (cell === null || cell === undefined || typeof cell === 'string')
    throw new Error(`'${table.title}' has no figure of '${row}' in '${column}'`);
  return cell;
}
