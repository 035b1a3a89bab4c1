import { availableParallelism } from 'node:os';

import type { Failure } from '../oracle/failure.js';
import { TrialProcess } from '../run/trial-process.js';
import type { TrialRequest } from '../seeds-child.js';
import type { CleanCore } from './clean-core.js';

/** A seed that shows a mutant. */
export interface Finding extends TrialRequest {
  readonly failure: Failure;
}

/**
 * The first of these trials in which a mutant breaks a rule that the clean core does not break there; undefined where none
 * does. Uses all cores.
 *
 * @param folder where the mutant's child is
 * @param onTrial told after each trial how many there were
 */
export async function firstFinding(
  folder: string,
  requests: readonly TrialRequest[],
  clean: CleanCore,
  onTrial: (count: number) => void,
): Promise<Finding | undefined> {
  const queue = [...requests];
  let count = 0;
  let first: Finding | undefined;
  const work = async (): Promise<void> => {
    const process = new TrialProcess(folder);
    for (let request = queue.shift(); request; request = queue.shift()) {
      const { failures } = await process.run(request);
      const known = failures.length > 0 ? await clean.rulesBrokenIn(request) : [];
      const failure = failures.find(({ rule }) => !known.includes(rule));
      onTrial(++count);
      if (!failure) continue;
      // Trials of lower seeds may still be under way.
      queue.length = 0;
      if (!first || request.seed < first.seed) first = { ...request, failure };
    }
    process.end();
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), queue.length) }, work));
  return first;
}
