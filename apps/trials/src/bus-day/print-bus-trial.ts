import { clockText, failureText } from '../report/print.js';
import { drawBusPlan } from './bus-plan.js';
import { runBusTrial } from './run-bus-trial.js';

/** Runs one seed of the bus, and prints its faults and what broke. Gives the exit code. */
export async function printBusTrial(seed: number): Promise<number> {
  const { faults, ...plan } = drawBusPlan(seed);
  console.log(JSON.stringify(plan));
  for (const { at, kind, ...rest } of faults)
    console.log(`${clockText(at)}  fault ${kind} ${JSON.stringify(rest)}`);
  const { failures, hash, ticks, virtualMs, cpuMs } = await runBusTrial(drawBusPlan(seed));
  for (const failure of failures.slice(0, 20)) console.log(failureText(failure));
  console.log(
    `bus, seed ${seed}: ${failures.length === 0 ? 'no rule was broken' : `${failures.length} breaches`}; ` +
      `${clockText(virtualMs)} of virtual time, ${faults.length} faults, ${ticks} ticks delivered, ${Math.round(cpuMs)} ms of CPU`,
  );
  console.log(`hash ${hash}`);
  return failures.length === 0 ? 0 : 1;
}
