import { readFileSync, writeFileSync } from 'node:fs';

import { busCosts, busDetails } from './bus-documentation.js';
import { figureOf, type Report, type Table } from './figure.js';
import { excerpt, markdown } from './markdown.js';
import { peersDetails, peersSummary } from './peers-documentation.js';
import { cellText } from './print.js';

/** The documents that quote figures, from the folder that the command is run in. */
export interface Documents {
  /** Only a report of the peers needs it. */
  readonly readme?: string | undefined;
  readonly guide: string;
}

/**
 * Writes a report's figures, of all groups, or of the peers, the list and the subscribers, the bus, or the profile alone,
 * between the marks in the documents that quote them.
 */
export function writeFigures(jsonFile: string, { readme, guide }: Documents): void {
  const report = JSON.parse(readFileSync(jsonFile, 'utf8')) as Report;
  if (Object.keys(report.groups).join() === 'bus') {
    replaceBlock(guide, 'bench:bus', busDetails(report));
    replaceBlock(guide, 'bench:bus-costs', busCosts(report));
    return;
  }
  if (report.groups['peers']) {
    if (readme === undefined) throw new Error('the README quotes these figures too: name it with --readme');
    replaceBlock(readme, 'bench:peers-table', peersSummary(report));
    replaceBlock(guide, 'bench:peers', peersDetails(report));
    return;
  }
  if (report.groups['profile'] && !report.groups['decode']) {
    replaceBlock(guide, 'bench:profile', profile(report));
    return;
  }
  if (!report.groups['decode']) {
    replaceBlock(guide, 'bench:names', names(report));
    return;
  }
  replaceBlock(guide, 'bench:table', summary(report));
  replaceBlock(guide, 'bench:figures', details(report));
}

/** The list of instruments, and many readers of one feed. */
function names(report: Report): string {
  const tables = [...(report.groups['instruments'] ?? []), ...(report.groups['subscribers'] ?? [])];
  const { node, processor, restarts } = report;
  return [
    `Printed by \`npm run bench -- instruments subscribers\` on Node ${node.slice(1)}, ${processor} shared with others: medians of ${restarts} processes, with the lowest and the highest.`,
    ...tables.map((table) => `### ${table.title}\n\n${table.note ?? ''}\n\n${markdown(table)}`),
  ].join('\n\n');
}

/** Where the time goes at a steady pace. */
function profile(report: Report): string {
  const { node, processor, restarts } = report;
  const [table] = report.groups['profile']!;
  return [
    `Printed by \`npm run bench -- profile\` on Node ${node.slice(1)}, ${processor} shared with others: medians of ${restarts} processes, with the lowest and the highest. ${table!.note}`,
    markdown(table!),
  ].join('\n\n');
}

/** Rows that fit on one screen: the official client, and ours in three forms. */
function summary(report: Report): string {
  const cell = (group: string, title: string, row: string, column: string): string => {
    const table = find(report, group, title);
    const index = table.columns.indexOf(column);
    return cellText(table.rows.find(({ name }) => name === row)?.cells[index] ?? null, { withTarget: false });
  };
  const decoding = (row: string): string => cell('decode', 'Decoding, full: times', row, 'light 10');
  const heap = (row: string, column: string): string => cell('allocation', 'Heap bytes', row, column);
  const flooded = (row: string): string => cell('receive', 'CPU a tick, times', row, '10');
  const paced = (row: string): string => cell('receive', '30 000 full ticks', row, 'core, plain');
  const rows = [
    ['', 'kiteconnect 5.3.0', 'plain ticks', 'lazy ticks', 'cursor'],
    ['---', '--:', '--:', '--:', '--:'],
    [
      'decoding full ticks, ten a frame: times faster',
      '1',
      decoding('FrameDecoder'),
      decoding('LazyDecoder'),
      decoding('FrameCursor'),
    ],
    [
      'the same: heap bytes a tick',
      heap('official', 'light 10'),
      heap('FrameDecoder', 'light 10'),
      heap('LazyDecoder', 'light 10'),
      heap('FrameCursor', 'light 10'),
    ],
    [
      'heap bytes a tick when every field is read',
      heap('official', 'heavy 10'),
      heap('FrameDecoder', 'heavy 10'),
      heap('LazyDecoder', 'heavy 10'),
      heap('FrameCursor', 'heavy 10'),
    ],
    [
      'from the socket to your callback, flooded: times less CPU a tick',
      '1',
      flooded('ours, on ticks'),
      '',
      flooded('ours, on frame + cursor'),
    ],
    [
      '30 000 full ticks a second in 3000 frames: share of a core',
      paced('official'),
      paced('ours, on ticks'),
      '',
      paced('ours, on frame + cursor'),
    ],
  ];
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return [table, cursorBytes(report), origin(report)].join('\n\n');
}

/** Explains the cursor's cells: its code makes no object, but V8 may still box numbers. */
function cursorBytes(report: Report): string {
  const { values } = figureOf(find(report, 'allocation', 'Heap bytes'), 'FrameCursor', 'heavy 10');
  const most = Math.max(...values);
  if (most === 0) return 'For a full tick the cursor takes 0 bytes.';
  const more = values.filter((bytes) => bytes > 0).length;
  return `For a full tick the cursor takes 0 bytes; up to ${most} where V8 does not inline a getter: in ${more} of these ${values.length} processes.`;
}

/** The tables behind it. */
function details(report: Report): string {
  const columns = (...names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, name]));
  const forms = columns(
    'decodeFrame',
    'FrameDecoder',
    'decodeLazy',
    'LazyDecoder',
    'FrameCursor',
    'TickColumns',
  );
  const clients = columns(
    'bare ws, counting bytes',
    'ours, on ticks',
    'ours, ticks() channel',
    'ours, on frame + cursor',
    'ours, raw frames undecoded',
    'ours, raw-frame channel',
  );
  const sections: [title: string, text: string, table: Table][] = [
    [
      'Decoding full ticks',
      'Times faster than `kiteconnect` 5.3.0, by ticks a frame; light reads token and price, heavy every field with the ten levels of depth.',
      excerpt(
        find(report, 'decode', 'Decoding, full: times'),
        columns('light 1', 'light 10', 'light 100', 'heavy 1', 'heavy 10', 'heavy 100'),
        forms,
      ),
    ],
    [
      'Garbage',
      `Heap bytes a full tick, and the share of the time that collecting them takes. ${cursorBytes(report)}`,
      joined(
        excerpt(
          find(report, 'allocation', 'Heap bytes'),
          columns('light 1', 'light 10', 'light 100', 'heavy 10'),
          { official: 'kiteconnect 5.3.0', ...forms },
        ),
        excerpt(find(report, 'decode', 'Decoding, full: the garbage'), { 'light 10': 'GC, light 10' }, forms),
      ),
    ],
    [
      'From the socket to the callback',
      'Loopback, flooded with full ticks: times less CPU a tick than `kiteconnect` 5.3.0, by ticks a frame.',
      excerpt(find(report, 'receive', 'CPU a tick, times'), columns('1', '10', '100', '10, TLS'), clients),
    ],
    [
      'At the pace of a busy market',
      '30 000 full ticks a second in 3000 frames: the share of a core, and from the server’s send to the callback.',
      joined(
        excerpt(
          find(report, 'receive', '30 000 full ticks'),
          { 'core, plain': 'a core', 'core, TLS': 'a core, TLS' },
          { official: 'kiteconnect 5.3.0', ...clients },
        ),
        excerpt(
          find(report, 'receive', 'server’s send'),
          { 'p50, plain': 'p50', 'p99, plain': 'p99' },
          { official: 'kiteconnect 5.3.0', ...clients },
        ),
      ),
    ],
    [
      'Against native code',
      'Times faster than the Rust crate `kiteticker-async-manager` 0.4.1 from a frame to its `Vec` of ticks, in processes of their own on the same frames.',
      excerpt(
        find(report, 'native', 'Rust crate'),
        columns('light 1', 'light 10', 'light 100', 'heavy 10'),
        Object.fromEntries(find(report, 'native', 'Rust crate').rows.map(({ name }) => [name, name])),
      ),
    ],
  ];
  return [
    origin(report),
    ...sections.map(([title, text, table]) => `### ${title}\n\n${text}\n\n${markdown(table)}`),
  ].join('\n\n');
}

/** Joins two tables by row name; a row missing on the right is empty there. */
function joined(left: Table, right: Table): Table {
  const empty = right.columns.map(() => '');
  return {
    ...left,
    columns: [...left.columns, ...right.columns],
    rows: left.rows.map(({ name, cells }) => ({
      name,
      cells: [...cells, ...(right.rows.find((row) => row.name === name)?.cells ?? empty)],
    })),
  };
}

function origin(report: Report): string {
  const { node, processor, restarts } = report;
  const ofBytes = figureOf(find(report, 'allocation', 'Heap bytes'), 'FrameCursor', 'heavy 10').values.length;
  return `Printed by \`npm run bench\` on Node ${node.slice(1)}, ${processor} shared with others: medians of ${restarts} processes, of heap bytes ${ofBytes}, with the lowest and the highest.`;
}

function find(report: Report, group: string, titlePart: string): Table {
  const table = report.groups[group]?.find(({ title }) => title.includes(titlePart));
  if (!table) throw new Error(`the report has no table '${titlePart}' in the group '${group}'`);
  return table;
}

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
function replaceBlock(file: string, name: string, content: string): void {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${file} has no block ${begin} … ${end}`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`);
}
