import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import type { TrialAnswer, TrialRequest } from '../seeds-child.js';
import { TrialProcess } from './trial-process.js';

/** Runs these trials on all cores, each answer as it comes. */
export async function runSeeds(
  requests: readonly TrialRequest[],
  onAnswer: (answer: TrialAnswer) => void,
): Promise<void> {
  const queue = [...requests];
  const work = async (): Promise<void> => {
    const process = new TrialProcess(fileURLToPath(new URL('.', import.meta.url)));
    for (let request = queue.shift(); request; request = queue.shift())
      onAnswer({ ...request, verdict: await process.run(request) });
    process.end();
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), queue.length) }, work));
}
