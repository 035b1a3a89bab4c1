import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import type { TrialAnswer, TrialRequest } from '../seeds-child.js';

/** A trial that takes longer hangs: in real time, in milliseconds. */
const HANGS_AFTER_MS = 120_000;

/** Runs these trials on all cores, each answer as it comes. `folder`: where the built child is. */
export async function runSeeds(
  requests: readonly TrialRequest[],
  onAnswer: (answer: TrialAnswer) => boolean,
  folder = fileURLToPath(new URL('.', import.meta.url)),
): Promise<void> {
  const queue = [...requests];
  const processes = Math.min(availableParallelism(), queue.length);
  await Promise.all(
    Array.from({ length: processes }, () => work(queue, onAnswer, `${folder}/seeds-child.js`)),
  );
}

function work(
  queue: TrialRequest[],
  onAnswer: (answer: TrialAnswer) => boolean,
  file: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let current: TrialRequest | undefined;
    let patience: NodeJS.Timeout | undefined;
    const next = (): void => {
      clearTimeout(patience);
      current = queue.shift();
      if (!current) {
        child.disconnect();
        return;
      }
      patience = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
      child.send(current);
    };
    child.on('message', (answer: TrialAnswer) => {
      current = undefined;
      if (!onAnswer(answer)) queue.length = 0;
      next();
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(patience);
      if (!current) {
        resolve();
        return;
      }
      // A trial that takes its process down, or hangs it, has failed; the others go on.
      const text =
        signal === 'SIGKILL'
          ? `it hangs for ${HANGS_AFTER_MS} ms`
          : `its process ended with ${signal ?? code}`;
      const failure = { rule: 'does-not-settle', at: 0, text } as const;
      onAnswer({
        ...current,
        verdict: { failures: [failure], hash: '', faults: 0, ticks: 0, virtualMs: 0, cpuMs: 0 },
      });
      work(queue, onAnswer, file).then(resolve, reject);
    });
    next();
  });
}
