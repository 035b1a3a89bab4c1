import { readFileSync, writeFileSync } from 'node:fs';

import { median } from '../harness/statistics.js';
import type { Figure, Report, Row, Table } from '../report/figure.js';
import { type Bar, type BarChart, barChart } from './bar-chart.js';

/** Draws the figures of a report into an SVG file, light and dark by the reader's preference. */
export function chart(jsonFile: string, svgFile: string): void {
  const report = JSON.parse(readFileSync(jsonFile, 'utf8')) as Report;
  const charts = [
    ...fromTable(
      report,
      'decode',
      'Decoding, full: times',
      'light 10',
      'Decoding full ticks, ten a frame',
      true,
    ),
    ...fromTable(
      report,
      'allocation',
      'Heap bytes a tick',
      'light 10',
      'Heap bytes allocated for a full tick',
      false,
    ),
    ...fromTable(
      report,
      'receive',
      'CPU a tick, times',
      '10',
      'Socket to callback, flooded, ten a frame',
      true,
    ),
    ...fromTable(report, 'receive', 'share of a core', 'core, plain', '30 000 full ticks a second', false),
    ...fromTable(
      report,
      'native',
      'Rust crate',
      'geometric mean',
      'Decoding full ticks, across languages',
      true,
    ),
    ...PEER_CHARTS.flatMap(([titlePart, column, title]) =>
      fromTable(report, 'peers', titlePart, column, title, false),
    ),
  ];
  if (charts.length === 0) throw new Error(`${jsonFile} has none of the figures that are drawn`);
  writeFileSync(svgFile, barChart(charts));
}

const PEER_CHARTS = [
  ['over TLS, 30000', 'CPU a tick', 'From the server to the callback: 30 000 full ticks a second over TLS'],
  ['over TLS, 30000', 'p50', 'The same: latency, p50'],
  ['over TLS, flooded', 'CPU a tick', 'From the server to the callback: flooded over TLS'],
  [
    'over plain ws, 30000',
    'CPU a tick',
    'From the server to the callback: 30 000 full ticks a second over plain ws',
  ],
] as const;

const SUBTITLES: Partial<Record<Figure['unit'], string>> = {
  '×': 'times faster, logarithmic: longer is better',
  bytes: 'bytes, logarithmic: shorter is better',
  '%': 'share of a core: shorter is better',
  µs: 'processor time for a tick in microseconds, logarithmic: shorter is better',
  ms: 'milliseconds, logarithmic: shorter is better',
};

/** One column of one table as bars; none if the report lacks it. */
function fromTable(
  report: Report,
  group: string,
  titlePart: string,
  column: string,
  title: string,
  withOfficial: boolean,
): BarChart[] {
  const table = report.groups[group]?.find((one) => one.title.includes(titlePart));
  if (!table) return [];
  const bars = table.rows.flatMap((row) => bar(row, table, column));
  const unit = unitOf(table, column);
  if (withOfficial && !bars.some(({ name }) => /official|kiteconnect .*JS/.test(name)))
    bars.unshift({ name: 'kiteconnect (JS)', value: 1, isOurs: false });
  return [{ title, subtitle: SUBTITLES[unit] ?? '', unit, isLogarithmic: unit !== '%', bars }];
}

function bar(row: Row, table: Table, column: string): Bar[] {
  const cell = row.cells[table.columns.indexOf(column)];
  if (cell === null || cell === undefined || typeof cell === 'string' || cell.values.length === 0) return [];
  const isOurs = !/official|bare|crate|kiteconnect|kiteticker/.test(row.name);
  // The crate's name and its use do not fit beside a bar.
  const name = row.name.replace(/^kiteticker-async-manager .*, /, 'the crate, ');
  return [{ name, value: median(cell.values), isOurs }];
}

function unitOf(table: Table, column: string): Figure['unit'] {
  for (const { cells } of table.rows) {
    const cell = cells[table.columns.indexOf(column)];
    if (cell !== null && cell !== undefined && typeof cell !== 'string') return cell.unit;
  }
  return 'count';
}
