import type { Table } from './figure.js';
import { cellText } from './print.js';

/** A table as Markdown: medians with the lowest and highest of the processes, no targets. */
export function markdown({ columns, rows }: Table): string {
  const lines = [
    ['', ...columns],
    ['', ...columns].map((_, index) => (index === 0 ? '---' : '--:')),
    ...rows.map(({ name, cells }) => [name, ...cells.map((cell) => cellText(cell, { withTarget: false }))]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** These columns of a table, in this order, and these rows, under these names. */
export function excerpt(
  table: Table,
  columns: Readonly<Record<string, string>>,
  rows: Readonly<Record<string, string>>,
): Table {
  const indexes = Object.keys(columns).map((column) => {
    const index = table.columns.indexOf(column);
    if (index === -1) throw new Error(`'${table.title}' has no column '${column}'`);
    return index;
  });
  return {
    title: table.title,
    columns: Object.values(columns),
    rows: Object.entries(rows).map(([name, shown]) => {
      const row = table.rows.find((one) => one.name === name);
      if (!row) throw new Error(`'${table.title}' has no row '${name}'`);
      return { name: shown, cells: indexes.map((index) => row.cells[index]!) };
    }),
  };
}
