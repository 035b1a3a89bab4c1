import Table, { type CharName } from 'cli-table3';

import { colours } from '../colours.js';
import type { Order } from '../listings.js';
import type { Row } from '../price-board.js';
import { type CellLook, fitColumns } from './columns.js';

const STYLES: Readonly<Record<CellLook, (text: string) => string>> = {
  rise: colours.green,
  fall: colours.red,
  strong: colours.bold,
  stale: colours.yellow,
  faint: colours.dim,
  normal: (text) => text,
};

/** Lines between rows would take room from prices. */
const NO_LINES: Readonly<Record<CharName, string>> = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** The prices under the names of the columns that fit. */
export function priceTableOf(rows: readonly Row[], width: number, order: Order): string[] {
  const { columns, gap } = fitColumns(width, order);
  const table = new Table({
    head: columns.map(({ title }) => colours.dim(title)),
    colWidths: columns.map((column) => column.width + gap),
    colAligns: columns.map(({ align }) => align),
    chars: NO_LINES,
    style: { 'padding-left': gap, 'padding-right': 0, head: [], border: [] },
  });
  for (const row of rows) table.push(columns.map((column) => STYLES[column.look(row)](column.text(row))));
  return table.toString().split('\n');
}
