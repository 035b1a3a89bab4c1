// A process of its own that runs the trials it is sent, one after another.
import { drawBusPlan } from './bus-day/bus-plan.js';
import { runBusTrial } from './bus-day/run-bus-trial.js';
import { drawPlan } from './plan/draw.js';
import { BUS, type TrialName } from './plan/scenario.js';
import { runTrial } from './run/run-trial.js';
import type { Verdict } from './run/verdict.js';

/** What the child is sent. */
export interface TrialRequest {
  readonly seed: number;
  readonly scenario: TrialName;
}

/** What it answers. */
export interface TrialAnswer extends TrialRequest {
  readonly verdict: Verdict;
}

// Programs under trial do what is warned of, and a thousand warnings hide the findings.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'KiteWarning') console.error(warning);
});

function run({ seed, scenario }: TrialRequest): Promise<Verdict> {
  return scenario === BUS ? runBusTrial(drawBusPlan(seed)) : runTrial(drawPlan(seed, scenario));
}

process.on('message', (request: TrialRequest) => {
  void run(request).then(
    (verdict) => process.send?.({ ...request, verdict } satisfies TrialAnswer),
    (error: unknown) => {
      const failure = {
        rule: 'threw',
        at: 0,
        text: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } as const;
      const verdict = { failures: [failure], hash: '', faults: 0, ticks: 0, virtualMs: 0, cpuMs: 0 };
      process.send?.({ ...request, verdict } satisfies TrialAnswer);
    },
  );
});
