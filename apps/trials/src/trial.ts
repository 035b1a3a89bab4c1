// `npm run trial -- --seed 847 --scenario three`: one trial, told in virtual time.
import { parseArgs } from 'node:util';

import { drawPlan } from './plan/draw.js';
import { fromText, reduced, toText } from './plan/reduction.js';
import { SCENARIO_NAMES, type ScenarioName } from './plan/scenario.js';
import { clockText, failureText, verdictText } from './report/print.js';
import { runTrial } from './run/run-trial.js';
import { scenarioOf } from './run/share-out.js';
import { shrink } from './run/shrink.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    scenario: { type: 'string' },
    only: { type: 'string', default: '' },
    shrink: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed)) throw new Error('--seed takes an integer');
const scenario = (values.scenario ?? scenarioOf(seed)) as ScenarioName;
if (!SCENARIO_NAMES.includes(scenario))
  throw new Error(`--scenario takes one of ${SCENARIO_NAMES.join(', ')}`);

const plan = reduced(drawPlan(seed, scenario), fromText(values.only));
for (const fault of plan.faults.faults) {
  const { at, kind, ...rest } = fault;
  console.log(`${clockText(at)}  fault ${kind} ${JSON.stringify(rest)}`);
}
const verdict = await runTrial(plan);
for (const failure of verdict.failures.slice(0, 50)) console.log(failureText(failure));
for (const line of verdictText(plan, verdict)) console.log(line);
if (values.shrink && verdict.failures[0]) {
  const reduction = await shrink(plan, verdict.failures[0].rule);
  console.log(`npm run trial -- --seed ${seed} --scenario ${scenario} --only '${toText(reduction)}'`);
}
process.exitCode = verdict.failures.length === 0 ? 0 : 1;
