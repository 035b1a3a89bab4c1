import CliTable from 'cli-table3';

import { median } from '../harness/statistics.js';
import type { Cell, Figure, Table, Target } from './figure.js';

/** A table as text: medians with the lowest and highest of the processes, and under them the goal. */
export function printed({ title, note, columns, rows }: Table): string {
  const table = new CliTable({
    head: ['', ...columns],
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, cells } of rows) {
    table.push([name, ...cells.map((cell) => cellText(cell, { withTarget: true }))]);
  }
  return [title, ...(note === undefined ? [] : [note]), table.toString(), ''].join('\n');
}

/** A cell in words: the median, the lowest and the highest, and the goal. */
export function cellText(cell: Cell, { withTarget }: { withTarget: boolean }): string {
  if (cell === null) return 'not measured';
  return typeof cell === 'string' ? cell : figureText(cell, withTarget);
}

function figureText({ values, unit, target }: Figure, withTarget: boolean): string {
  if (values.length === 0) return 'not measured';
  const low = Math.min(...values);
  const high = Math.max(...values);
  const suffix = unit === 'count' ? '' : unit === 'bytes' ? ' B' : unit === '×' ? '' : ` ${unit}`;
  const spread = rounded(low) === rounded(high) ? '' : ` (${rounded(low)}–${rounded(high)})`;
  const text = `${rounded(median(values))}${suffix}${spread}`;
  return target && withTarget ? `${text}\n${targetText(target, median(values))}` : text;
}

function targetText({ floor, aim, more = true }: Target, value: number): string {
  const reaches = (goal: number | undefined): boolean =>
    goal !== undefined && (more ? value >= goal : value <= goal);
  const verdict = reaches(aim) ? 'aim' : reaches(floor) ? 'floor' : 'below';
  const sign = more ? '≥' : '≤';
  const goals = [floor === undefined ? [] : [`${sign} ${floor}`], aim === undefined ? [] : [`aim ${aim}`]];
  return `${goals.flat().join(', ')}: ${verdict === 'below' ? 'not reached' : `${verdict} reached`}`;
}

/** Two digits, or whole numbers: more would be noise. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0 || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(2)));
}
