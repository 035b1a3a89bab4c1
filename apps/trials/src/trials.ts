import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Mode } from '@kite/protocol';

import { integer, oneOf, readCommandLine, refuse, toggle } from '../../../tools/command-line.mjs';
import { isKept, killsText } from './kills/print-kills.js';
import { runKills } from './kills/run-kills.js';
import { runFixed } from './known/run-fixed.js';
import { runMutants } from './mutants/run-mutants.js';
import type { Rule } from './oracle/failure.js';
import { BUS, SCENARIOS, TRIAL_NAMES, type TrialName } from './plan/scenario.js';
import { failureText } from './report/print.js';
import { runSeeds } from './run/run-seeds.js';
import { scenarioOf } from './run/share-out.js';
import type { TrialAnswer } from './seeds-child.js';

const { options, operands } = readCommandLine({
  command: 'npm run trials --',
  about:
    'Runs days in virtual time under random faults, on all cores. Prints the seeds that broke a rule, and the medians. The exit code is 1 if one did.',
  operands: '[patch]',
  options: {
    seeds: integer('N', 'how many (default: 100, with --mutants 200)', { from: 1 }),
    from: integer('N', 'the first seed', { otherwise: 1 }),
    scenario: oneOf('NAME', TRIAL_NAMES, 'all seeds in this one; else they are spread over all but bus'),
    fixed: toggle('run the seeds of fixed.json instead, and compare their verdicts'),
    write: toggle('with --fixed: write the verdicts into fixed.json'),
    mutants: toggle(
      'look for the first seed that shows each fault put into the core: those of a folder or one patch, else ours',
    ),
    markdown: toggle('with --mutants: print the table in Markdown too'),
    kills: integer('N', 'kill accounts under load instead, this many times', { from: 1 }),
    seed: integer('N', 'with --kills: what draws them', { otherwise: 1 }),
    mode: oneOf<Mode, Mode>('MODE', ['ltp', 'quote', 'full'], 'with --kills: of all instruments', {
      otherwise: 'full',
    }),
  },
});
const { from, scenario } = options;
const seeds = options.seeds ?? (options.mutants ? 200 : 100);
const [patch] = operands;
if (patch !== undefined && !options.mutants) refuse(`only --mutants takes a patch: '${patch}'`);
if (patch !== undefined && !existsSync(patch)) refuse(`there is no file or folder ${patch}`);

if (options.kills !== undefined) process.exitCode = await killAccounts(options.kills);
else if (options.mutants) {
  process.exitCode = await runMutants({
    from: patch,
    seeds,
    firstSeed: from,
    scenario: ofAccounts(scenario),
    isMarkdown: options.markdown,
  });
} else if (options.fixed) {
  process.exitCode = await runFixed(fileURLToPath(new URL('../fixed.json', import.meta.url)), options.write);
} else {
  const answers: TrialAnswer[] = [];
  const requests = Array.from({ length: seeds }, (_, index) => {
    const seed = from + index;
    return { seed, scenario: scenario ?? scenarioOf(seed) };
  });
  const began = performance.now();
  await runSeeds(requests, (answer) => {
    answers.push(answer);
    const { failures } = answer.verdict;
    if (failures[0]) {
      const more = failures.length > 1 ? `, and ${failures.length - 1} more` : '';
      console.log(`seed ${answer.seed}, ${answer.scenario}: ${failureText(failures[0])}${more}`);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${answers.length} of ${requests.length} `);
  });
  report(answers, (performance.now() - began) / 1000);
}

/** Mutants and kills are of accounts, not of the bus. */
function ofAccounts(name: TrialName | undefined): Exclude<TrialName, typeof BUS> | undefined {
  if (name !== BUS) return name;
  return refuse(`--scenario ${BUS} takes only --seeds and --from`);
}

async function killAccounts(kills: number): Promise<number> {
  const { seed, mode } = options;
  const name = ofAccounts(scenario) ?? 'three-replicas-2';
  if (SCENARIOS[name].replicas < 2) refuse('--kills takes a --scenario with replicas');
  const run = { kills, seed, scenario: name, mode };
  const counts = await runKills(run);
  console.log(killsText(run, counts));
  return isKept(counts) ? 0 : 1;
}

function report(answers: readonly TrialAnswer[], seconds: number): void {
  const failing = answers.filter(({ verdict }) => verdict.failures.length > 0);
  const counts = new Map<Rule, number>();
  for (const { verdict } of failing)
    for (const rule of new Set(verdict.failures.map((failure) => failure.rule)))
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const middle = (pick: (answer: TrialAnswer) => number): number => {
    const sorted = answers.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  const hours = answers.reduce((sum, { verdict }) => sum + verdict.virtualMs, 0) / 3_600_000;
  console.log(
    `${answers.length} trials, ${hours.toFixed(1)} virtual hours in ${seconds.toFixed(0)} s; medians: ` +
      `${middle(({ verdict }) => verdict.faults)} faults, ${middle(({ verdict }) => verdict.ticks)} ticks delivered, ` +
      `${middle(({ verdict }) => verdict.cpuMs).toFixed(0)} ms of CPU`,
  );
  for (const [rule, count] of [...counts].sort((a, b) => b[1] - a[1])) console.log(`${rule}: ${count} seeds`);
  console.log(
    failing.length === 0
      ? 'no seed failed'
      : `${failing.length} failed: ${failing
          .map(({ seed }) => seed)
          .sort((a, b) => a - b)
          .join(' ')}`,
  );
  process.exitCode = failing.length === 0 ? 0 : 1;
}
