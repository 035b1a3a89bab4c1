import { count, NOTHING, percent, price, shortDuration, signed } from '../../kit/format.js';
import type { Order } from '../listings.js';
import type { Row } from '../price-board.js';

/** A cell's look: `rise` and `fall` in their colours, `stale` in a warning colour, `faint` if missing or old. */
export type CellLook = 'rise' | 'fall' | 'strong' | 'stale' | 'faint' | 'normal';

/** A column of the table. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** If space is short, columns with a higher number go first. */
  readonly dispensable: number;
  readonly text: (row: Row) => string;
  readonly look: (row: Row) => CellLook;
}

const number = (
  title: string,
  width: number,
  dispensable: number,
  text: (row: Row) => string | null,
  look: (row: Row) => CellLook = () => 'normal',
): Column => ({
  title,
  width,
  align: 'right',
  dispensable,
  text: (row) => text(row) ?? NOTHING,
  look: (row) => (text(row) === null ? 'faint' : row.isStale ? 'stale' : look(row)),
});

const rupees = (row: Row, value: number | null) =>
  value === null ? null : price(value, row.instrumentToken);

const direction = (value: number | null): CellLook => {
  if (value === null || value === 0) return 'normal';
  return value > 0 ? 'rise' : 'fall';
};

/** An instrument that has not ticked for this long is shown faint. */
const OLD_MS = 10_000;

/** Contract names are long; the other columns come first. */
const SYMBOL_WIDTH = { least: 12, most: 26 };

/** The name of the change column, by row order. */
const CHANGE_TITLE = 'CHANGE %';
const CHANGE_TITLES: Readonly<Record<Order, string>> = {
  given: CHANGE_TITLE,
  rise: '▼ CHG %',
  fall: '▲ CHG %',
};

/** All columns, from left to right. */
const COLUMNS: readonly Column[] = [
  {
    title: 'SYMBOL',
    width: SYMBOL_WIDTH.least,
    align: 'left',
    dispensable: 0,
    text: ({ symbol }) => symbol,
    look: ({ isStale }) => (isStale ? 'stale' : 'normal'),
  },
  number(
    'LAST',
    10,
    0,
    (row) => rupees(row, row.lastPrice),
    ({ move }) => (move === 0 ? 'strong' : direction(move)),
  ),
  number(
    'CHANGE',
    9,
    6,
    (row) => {
      const text = rupees(row, row.netChange);
      return text === null ? null : signed(row.netChange!, text);
    },
    (row) => direction(row.netChange),
  ),
  number(
    CHANGE_TITLE,
    8,
    1,
    ({ changePercent }) => (changePercent === null ? null : percent(changePercent)),
    (row) => direction(row.netChange),
  ),
  number('VOLUME', 14, 4, ({ volume }) => (volume === null ? null : count(volume))),
  number('BID', 10, 3, (row) => rupees(row, row.bid)),
  number('ASK', 10, 3, (row) => rupees(row, row.ask)),
  { title: 'MODE', width: 5, align: 'right', dispensable: 7, text: ({ mode }) => mode, look: () => 'faint' },
  number(
    'AGE',
    5,
    2,
    ({ ageMs }) => (ageMs === null ? null : shortDuration(ageMs)),
    ({ ageMs }) => (ageMs !== null && ageMs > OLD_MS ? 'faint' : 'normal'),
  ),
];

/** The columns that fit, and the gap between them. */
export interface Fit {
  readonly columns: readonly Column[];
  readonly gap: 1 | 2;
}

/** The columns for a table of this width and row order: gaps shrink before columns go, and symbols go last. */
export function fitColumns(width: number, order: Order): Fit {
  let columns: readonly Column[] = COLUMNS.map((column) =>
    column.title === CHANGE_TITLE ? { ...column, title: CHANGE_TITLES[order] } : column,
  );
  for (;;) {
    const most = Math.max(...columns.map(({ dispensable }) => dispensable));
    for (const gap of [2, 1] as const) {
      const left = width - widthOf(columns, gap);
      if (left >= 0 || (most === 0 && gap === 1)) return { columns: widened(columns, left), gap };
    }
    columns = columns.filter(({ dispensable }) => dispensable < most);
  }
}

/** Gives spare width to the symbols, or takes missing width from them. */
function widened([symbol, ...others]: readonly Column[], left: number): Column[] {
  const width = Math.max(1, Math.min(SYMBOL_WIDTH.most, symbol!.width + left));
  return [{ ...symbol!, width }, ...others];
}

/** Each column has a gap on its left. */
function widthOf(columns: readonly Column[], gap: number): number {
  return columns.reduce((sum, { width }) => sum + width + gap, 0);
}
