import { fileURLToPath } from 'node:url';

import { integer, oneOf, readCommandLine, refuse, text, toggle } from '../../../tools/command-line.mjs';
import { printBusTrial } from './bus-day/print-bus-trial.js';
import { brokenRules, readKnown, writeKnown } from './known/known.js';
import { type Failure, type Rule, RULES } from './oracle/failure.js';
import { drawPlan } from './plan/draw.js';
import type { Plan } from './plan/plan.js';
import { fromText, reduced, toText } from './plan/reduction.js';
import { BUS, type ScenarioName, TRIAL_NAMES } from './plan/scenario.js';
import { clockText, failureText, verdictText } from './report/print.js';
import { runTrial } from './run/run-trial.js';
import { scenarioOf } from './run/share-out.js';
import { kindOf, shrink } from './run/shrink.js';

const KNOWN_FOLDER = fileURLToPath(new URL('../known/', import.meta.url));

const { options } = readCommandLine({
  command: 'npm run trial --',
  about: 'Runs one trial, and tells it in virtual time. The exit code is 1 if it broke a rule.',
  options: {
    seed: integer('N', 'what draws its plan'),
    scenario: oneOf('NAME', TRIAL_NAMES, 'what it runs (default: drawn from the seed)'),
    known: text('NAME', 'run this known failure instead of a seed'),
    only: text('PARTS', 'keep only these parts of the plan; --shrink prints them'),
    shrink: toggle('look for the smallest part that still breaks a rule, and print its command'),
    rule: oneOf('RULE', Object.keys(RULES) as Rule[], 'with --shrink: this rule, not the first that broke'),
    keep: text('NAME', 'keep the plan as a known failure of this name'),
    because: text('TEXT', 'with --keep: its cause'),
  },
});
if (options.scenario === BUS) process.exit(await printBusTrial(givenSeed()));
const plan = options.known === undefined ? drawnPlan(options.scenario) : knownPlan(options.known);
for (const fault of plan.faults.faults) {
  const { at, kind, ...rest } = fault;
  console.log(`${clockText(at)}  fault ${kind} ${JSON.stringify(rest)}`);
}
const verdict = await runTrial(plan);
for (const failure of firstOfEach(verdict.failures, 10)) console.log(failureText(failure));
for (const line of verdictText(plan, verdict)) console.log(line);
if (options.shrink && options.known === undefined) await shrunk();
if (options.keep !== undefined)
  writeKnown(KNOWN_FOLDER, options.keep, {
    cause: options.because ?? '',
    broken: brokenRules(verdict),
    plan,
  });
process.exitCode = verdict.failures.length === 0 ? 0 : 1;

function givenSeed(): number {
  return options.seed ?? refuse('--seed or --known is missing; see --help');
}

function knownPlan(name: string): Plan {
  const known = readKnown(KNOWN_FOLDER);
  const names = [...known.keys()].join(', ') || 'none is kept today';
  return known.get(name)?.plan ?? refuse(`no known failure is called '${name}': ${names}`);
}

function drawnPlan(scenario: ScenarioName | undefined): Plan {
  const seed = givenSeed();
  return reduced(drawPlan(seed, scenario ?? scenarioOf(seed)), fromText(options.only ?? ''));
}

/** Prints the command of the smallest part that breaks the same rule, and what that breaks. */
async function shrunk(): Promise<void> {
  const { failures } = verdict;
  const failure = options.rule ? failures.find(({ rule }) => rule === options.rule) : failures[0];
  if (!failure) {
    console.log(options.rule ? `${options.rule} is not broken` : 'there is nothing to shrink');
    return;
  }
  const { seed, scenario } = plan;
  // What was left out before stays out.
  const drawn = drawPlan(seed, scenario);
  const reduction = await shrink(drawn, failure, fromText(options.only ?? ''), (left) => {
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
