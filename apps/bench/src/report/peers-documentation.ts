import type { Cell, Report, Table } from './figure.js';
import { markdown } from './markdown.js';

const PACED = 'over TLS, 30000 full ticks a second';
const FLOODED = 'over TLS, flooded';

const CHART =
  '![Processor time for a tick and latency, ours beside the clients in other languages](../images/peers.svg)';

/** For one screen: the clients the way most programs use them. */
export function peersSummary(report: Report): string {
  const paced = tableOf(report, PACED);
  const flooded = tableOf(report, FLOODED);
  const cell = (table: Table, row: string, column: string): Cell =>
    table.rows.find(({ name }) => name === row)?.cells[table.columns.indexOf(column)] ?? null;
  const rows = paced.rows.filter(({ name }) => !/bare|lazy|lowest|cursor, worker/.test(name));
  return [
    'From the server to your callback, over TLS in frames of ten full ticks:',
    markdown({
      title: '',
      columns: [
        ...['CPU a tick at 30 000 ticks a second', 'p50', 'p99'],
        ...['CPU a tick, flooded', 'lost, reported', 'lost, unreported'],
      ],
      rows: rows.map(({ name }) => ({
        name,
        cells: [
          ...['CPU a tick', 'p50', 'p99'].map((column) => cell(paced, name, column)),
          ...['CPU a tick', 'lost, reported', 'lost, unreported'].map((column) =>
            cell(flooded, name, column),
          ),
        ],
      })),
    }),
    origin(report),
  ].join('\n\n');
}

/** Every table of the group. */
export function peersDetails(report: Report): string {
  const { note } = tableOf(report, PACED);
  const sections = (report.groups['peers'] ?? []).map((table) => `### ${table.title}\n\n${markdown(table)}`);
  return [CHART, origin(report), note ?? '', ...sections].join('\n\n');
}

function tableOf(report: Report, titlePart: string): Table {
  const table = report.groups['peers']?.find(({ title }) => title.includes(titlePart));
  if (!table) throw new Error(`the report has no table '${titlePart}' in the group 'peers'`);
  return table;
}

function origin({ node, processor, restarts }: Report): string {
  const processes =
    restarts === 1 ? 'one process' : `medians of ${restarts} processes, with the lowest and the highest`;
  return `Printed by \`npm run bench -- peers\` on Node ${node.slice(1)}, ${processor} shared with others: ${processes}.`;
}
