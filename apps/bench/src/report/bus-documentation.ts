import { median } from '../harness/statistics.js';
import { figureOf, type Report, type Table } from './figure.js';
import { markdown } from './markdown.js';
import { rounded } from './print.js';

/** What the page assumes: see "The load". */
const LOAD = { accounts: 50, instruments: 9000, perSecond: 1, programs: 1000, programInstruments: 300 };

/** Every table of the group, as it was printed. */
export function busDetails(report: Report): string {
  const { node, processor, restarts } = report;
  const processes =
    restarts === 1 ? 'one process each' : `medians of ${restarts} processes, with the lowest and the highest`;
  const tables = (report.groups['bus'] ?? []).map(({ title, note = '', ...table }) =>
    [`### ${title}`, ...(note === '' ? [] : [note]), markdown({ title, ...table })].join('\n\n'),
  );
  return [
    `Printed by \`npm run bench -- bus\` on Node ${node.slice(1)}, ${processor} shared with others: ${processes}.`,
    ...tables,
  ].join('\n\n');
}

/** The processors that the assumed load needs, from the medians of the tables. */
export function busCosts(report: Report): string {
  const { accounts, instruments, perSecond, programs, programInstruments } = LOAD;
  const live = tableOf(report, 'a second published');
  const publishing = median(figureOf(live, 'no program', 'publisher CPU').values);
  const storing = median(figureOf(live, 'no program', 'server CPU').values);
  const reading = median(figureOf(live, 'two programs, a quarter each', 'program CPU').values);
  const delivery = figureOf(tableOf(report, 'delivering'), 'server CPU', 'each delivery');
  const delivering = median(delivery.values);
  const published = accounts * instruments * perSecond;
  const delivered = programs * programInstruments * perSecond;
  const row = (who: string, ticks: number, micros: number): string =>
    `| ${who} | ${spaced(ticks)} × ${rounded(micros)} µs | ${rounded((ticks * micros) / 1e6)} |`;
  return [
    '| Who | Arithmetic | Cores |',
    '| --- | --- | --- |',
    row('One collector, publishing', instruments * perSecond, publishing),
    row(`All ${accounts} collectors`, published, publishing),
    row('Servers, storing', published, storing),
    row('Servers, delivering', delivered, delivering),
    row('One program, reading', programInstruments * perSecond, reading),
  ].join('\n');
}

function tableOf(report: Report, titlePart: string): Table {
  const table = report.groups['bus']?.find(({ title }) => title.includes(titlePart));
  if (!table) throw new Error(`the report has no table '${titlePart}' in the group 'bus'`);
  return table;
}

/** 450000 as 450 000. */
function spaced(value: number): string {
  return String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ' ');
}
