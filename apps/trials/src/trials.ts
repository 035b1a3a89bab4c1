// `npm run trials -- --seeds 500 --from 1 [--scenario one-worker]`: many trials on all cores, the failing seeds, the medians.
// `npm run trials -- --fixed [--write]`: the seeds of fixed.json, and whether each breaks the rules that it is known to break.
// `npm run trials -- --mutants [folder or patch] [--markdown]`: see mutants/run-mutants.ts.
// `npm run trials -- --kills 100 [--seed 1] [--scenario three-replicas-2] [--mode full]`: kills of accounts under load, counted.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Mode } from '@kite/protocol';

import { isKept, killsText } from './kills/print-kills.js';
import { runKills } from './kills/run-kills.js';
import { runFixed } from './known/run-fixed.js';
import { runMutants } from './mutants/run-mutants.js';
import type { Rule } from './oracle/failure.js';
import { BUS, isTrialName, SCENARIO_NAMES, SCENARIOS, type TrialName } from './plan/scenario.js';
import { failureText } from './report/print.js';
import { runSeeds } from './run/run-seeds.js';
import { scenarioOf } from './run/share-out.js';
import type { TrialAnswer } from './seeds-child.js';

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    fixed: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    mode: { type: 'string', default: 'full' },
  },
  allowPositionals: true,
});
const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];
const seeds = Number(values.seeds ?? (values.mutants ? 200 : 100));
const from = Number(values.from);
if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Error('--seeds takes an integer from 1');
if (!Number.isSafeInteger(from)) throw new Error('--from takes an integer');
const scenario = checkedScenario(values.scenario);

if (values.kills !== undefined)
  process.exitCode = await killAccounts(Number(values.kills), Number(values.seed));
else if (values.mutants) {
  const isMarkdown = values.markdown;
  process.exitCode = await runMutants({
    from: positionals[0],
    seeds,
    firstSeed: from,
    scenario: ofAccounts(scenario),
    isMarkdown,
  });
} else if (values.fixed) {
  process.exitCode = await runFixed(fileURLToPath(new URL('../fixed.json', import.meta.url)), values.write);
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

function checkedScenario(name: string | undefined): TrialName | undefined {
  if (name === undefined || isTrialName(name)) return name;
  throw new Error(`--scenario takes one of ${[...SCENARIO_NAMES, BUS].join(', ')}`);
}

/** Mutants and kills are of accounts, not of the bus. */
function ofAccounts(name: TrialName | undefined): Exclude<TrialName, typeof BUS> | undefined {
  if (name !== BUS) return name;
  throw new Error(`--scenario ${BUS} takes only --seeds and --from`);
}

async function killAccounts(kills: number, seed: number): Promise<number> {
  if (!Number.isSafeInteger(kills) || kills < 1) throw new Error('--kills takes an integer from 1');
  if (!Number.isSafeInteger(seed)) throw new Error('--seed takes an integer');
  const name = ofAccounts(scenario) ?? 'three-replicas-2';
  if (SCENARIOS[name].replicas < 2) throw new Error('--kills takes a --scenario with replicas');
  const mode = values.mode as Mode;
  if (!MODES.includes(mode)) throw new Error(`--mode takes one of ${MODES.join(', ')}`);
  const options = { kills, seed, scenario: name, mode };
  const counts = await runKills(options);
  console.log(killsText(options, counts));
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
