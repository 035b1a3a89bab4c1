// `npm run trial -- --seed 847 --scenario three`: one trial, told in virtual time.
// `--shrink` looks for the smallest part of it that still breaks a rule (the first one, or `--rule`), and prints the command.
// `--keep NAME --because TEXT` keeps its plan as a known failure; `--known NAME` runs one.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { printBusTrial } from './bus-day/print-bus-trial.js';
import { brokenRules, readOne, writeKnown } from './known/known.js';
import type { Failure, Rule } from './oracle/failure.js';
import { drawPlan } from './plan/draw.js';
import type { Plan } from './plan/plan.js';
import { fromText, reduced, toText } from './plan/reduction.js';
import { BUS, SCENARIO_NAMES, type ScenarioName } from './plan/scenario.js';
import { clockText, failureText, verdictText } from './report/print.js';
import { runTrial } from './run/run-trial.js';
import { scenarioOf } from './run/share-out.js';
import { kindOf, shrink } from './run/shrink.js';

const KNOWN_FOLDER = fileURLToPath(new URL('../known/', import.meta.url));

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    scenario: { type: 'string' },
    only: { type: 'string', default: '' },
    shrink: { type: 'boolean', default: false },
    rule: { type: 'string' },
    keep: { type: 'string' },
    because: { type: 'string', default: '' },
    known: { type: 'string' },
  },
});
if (values.scenario === BUS) {
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error('--seed takes an integer');
  process.exit(await printBusTrial(seed));
}
const plan = values.known === undefined ? drawnPlan() : readOne(KNOWN_FOLDER, values.known).plan;
for (const fault of plan.faults.faults) {
  const { at, kind, ...rest } = fault;
  console.log(`${clockText(at)}  fault ${kind} ${JSON.stringify(rest)}`);
}
const verdict = await runTrial(plan);
for (const failure of firstOfEach(verdict.failures, 10)) console.log(failureText(failure));
for (const line of verdictText(plan, verdict)) console.log(line);
if (values.shrink && values.known === undefined) await shrunk();
if (values.keep !== undefined)
  writeKnown(KNOWN_FOLDER, values.keep, { cause: values.because, broken: brokenRules(verdict), plan });
process.exitCode = verdict.failures.length === 0 ? 0 : 1;

function drawnPlan(): Plan {
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error('--seed takes an integer');
  const scenario = (values.scenario ?? scenarioOf(seed)) as ScenarioName;
  if (!SCENARIO_NAMES.includes(scenario))
    throw new Error(`--scenario takes one of ${[...SCENARIO_NAMES, BUS].join(', ')}`);
  return reduced(drawPlan(seed, scenario), fromText(values.only));
}

/** Prints the command of the smallest part that breaks the same rule, and what that breaks. */
async function shrunk(): Promise<void> {
  const { failures } = verdict;
  const failure = values.rule ? failures.find(({ rule }) => rule === values.rule) : failures[0];
  if (!failure) {
    console.log(values.rule ? `${values.rule} is not broken` : 'there is nothing to shrink');
    return;
  }
  const { seed, scenario } = plan;
  // What was left out before stays out.
  const drawn = drawPlan(seed, scenario);
  const reduction = await shrink(drawn, failure, fromText(values.only), (left) => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${left.faults.faults.length} faults, ${left.instruments.length} instruments `);
  });
  const text = toText(reduction);
  const left = reduced(drawn, fromText(text));
  const again = await runTrial(left);
  const same = again.failures.find((one) => kindOf(left, one) === kindOf(drawn, failure));
  console.log(`shrunk: ${same ? failureText(same) : 'it does not break the rule again'}`);
  console.log(`npm run trial -- --seed ${seed} --scenario ${scenario} --only '${text}'`);
}

/** A flood of breaches of one rule hides the others. */
function firstOfEach(failures: readonly Failure[], most: number): Failure[] {
  const counts = new Map<Rule, number>();
  return failures.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= most;
  });
}
