import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { Argument } from 'commander';

import { chart } from './chart/chart.js';
import { command, count, positive } from './command-line.js';
import { GROUPS } from './groups.js';
import { peersGroup } from './peers/peers-group.js';
import { writeFigures } from './report/documentation.js';
import type { Report, Table } from './report/figure.js';
import { printed } from './report/print.js';
import { endurance } from './resilience/endurance-group.js';
import { runSoak, type SoakOptions } from './soak/soak.js';
import { soakChart } from './soak/soak-chart.js';

const program = command(
  'npm run bench --',
  'Measures every figure that the documentation quotes, side by side: medians over processes, with the spread.',
);

program
  .command('run', { isDefault: true })
  .description('measure, and print the tables')
  .addArgument(new Argument('[groups...]', 'all without').choices(Object.keys(GROUPS)))
  .option('--restarts <n>', 'processes for each figure but heap bytes, which take 20', count, 3)
  .option('--seconds <n>', 'how long each figure under load is measured for', positive, 1.5)
  .option('--json <file>', 'also write the figures there', fromCaller)
  .action(async (groups: string[], options: { restarts: number; seconds: number; json?: string }) => {
    const report = newReport(options.restarts);
    for (const group of groups.length > 0 ? groups : Object.keys(GROUPS)) {
      report.groups[group] = await measure(group, options);
      if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(report, null, 2));
    }
  });

program
  .command('peers')
  .description('measure from the server to the callback beside the official clients, in half an hour at most')
  .option('--restarts <n>', 'processes for each figure', count, 3)
  .option('--seconds <n>', 'how long each of them is measured for', positive, 2)
  .option('--quick', 'one process of a second for each figure: some eight minutes')
  .option('--json <file>', 'also write the figures there', fromCaller)
  .action(async (options: { restarts: number; seconds: number; quick?: true; json?: string }) => {
    const { restarts, seconds } = options.quick ? { restarts: 1, seconds: 1 } : options;
    const report = newReport(restarts);
    report.groups['peers'] = await peersGroup({ restarts, seconds, note: progress });
    progress('');
    for (const table of report.groups['peers']) console.log(printed(table));
    if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(report, null, 2));
  });

program
  .command('endure')
  .description('watch the memory for long')
  .option('--minutes <n>', 'how long', positive, 60)
  .action(async ({ minutes }: { minutes: number }) => {
    console.log(printed(await endurance(minutes)));
  });

program
  .command('soak')
  .description('run a manager under load for long, with consumers that come and go, and chart what it needs')
  .option('--minutes <n>', 'how long', positive, 60)
  .option('--ticks-per-second <n>', 'over 9000 instruments', positive, 30_000)
  .option('--csv <file>', 'where the samples are written', fromCaller, fromCaller('soak.csv'))
  .option('--svg <file>', 'where the chart is drawn', fromCaller, fromCaller('soak.svg'))
  .action(async (options: SoakOptions) => {
    const { lines, hasHeld } = await runSoak(options);
    for (const line of lines) console.log(line);
    if (!hasHeld) process.exitCode = 1;
  });

program
  .command('soak-chart')
  .description('draw the --csv file of a soak as SVG, of one that still runs too')
  .argument('<csv>', '', fromCaller)
  .argument('<svg>', '', fromCaller)
  .action(soakChart);

program
  .command('chart')
  .description('draw the figures of a --json file as SVG')
  .argument('<json>', '', fromCaller)
  .argument('<svg>', '', fromCaller)
  .action(chart);

program
  .command('document')
  .description(
    'write the figures of a --json file, of all groups, of peers or of bus alone, into the documents that quote them',
  )
  .argument('<json>', '', fromCaller)
  .option('--readme <file>', '', fromCaller)
  .requiredOption('--guide <file>', '', fromCaller)
  .action(writeFigures);

await program.parseAsync();

/** Prints a line that describes the run, and returns an empty report. */
function newReport(restarts: number): Report {
  const processor = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
  console.log(
    `Node ${process.version}, ${processor}; ${restarts} processes a figure unless a table says otherwise\n`,
  );
  return { node: process.version, processor, restarts, groups: {} };
}

async function measure(
  group: string,
  { restarts, seconds }: { restarts: number; seconds: number },
): Promise<Table[]> {
  const tables = await GROUPS[group]!({ restarts, seconds, note: progress });
  progress('');
  for (const table of tables) console.log(printed(table));
  return tables;
}

/** One line, overwritten each time; without a terminal, nothing. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** npm runs this in the workspace's folder; file paths are relative to the user's folder. */
function fromCaller(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '', file);
}
