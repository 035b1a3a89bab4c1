import { failureText } from '../report/print.js';
import type { KillCounts } from './kill-counts.js';
import type { KillOptions } from './kill-plan.js';

/** `replicaWaitMs`, in milliseconds. */
const MOST_HELD_MS = 300;

/** Whether the merge has kept its promise. */
export function isKept({ untold, longestHeldMs, failures }: KillCounts): boolean {
  return untold === 0 && failures.length === 0 && longestHeldMs <= MOST_HELD_MS;
}

/** The counts in words, and what broke. */
export function killsText({ kills, seed, scenario, mode }: KillOptions, counts: KillCounts): string {
  const { arrived, ofSurvivors, delivered, told, untold, longestHeldMs, failures } = counts;
  return [
    `${scenario}, ${mode}, seed ${seed}: ${kills} kills of an account, ${arrived} states came`,
    `${ofSurvivors} of them over one account while another was down: ${delivered} delivered, ${told} told as too late`,
    `${untold} of all neither delivered nor told, ${failures.length} rules broken`,
    `none was held back for longer than ${Math.ceil(longestHeldMs)} ms; ${MOST_HELD_MS} are allowed`,
    ...failures.slice(0, 10).map(failureText),
  ].join('\n');
}
