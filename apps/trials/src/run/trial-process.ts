import { type ChildProcess, fork } from 'node:child_process';

import type { TrialAnswer, TrialRequest } from '../seeds-child.js';
import type { Verdict } from './verdict.js';

/** A trial that takes longer hangs: in real time, in milliseconds. */
const HANGS_AFTER_MS = 120_000;

/**
 * As many processes run as there are cores, so helper threads of the garbage collector only take time from each other. Most of
 * what a trial allocates dies young: a larger young generation is collected less often.
 */
const NODE_OPTIONS = ['--single-threaded-gc', '--max-semi-space-size=64'];

/** A process that runs one trial after another. If a trial ends it, or hangs, the next trial gets a new one. */
export class TrialProcess {
  readonly #file: string;
  #child: ChildProcess | undefined;

  /** @param folder where the built child is */
  constructor(folder: string) {
    this.#file = `${folder}/seeds-child.js`;
  }

  /** Runs one trial. Wait for its end before you run another one. */
  run(request: TrialRequest): Promise<Verdict> {
    if (!this.#child?.connected)
      this.#child = fork(this.#file, {
        execArgv: NODE_OPTIONS,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
      const settle = (): void => {
        clearTimeout(patience);
        child.off('message', answered).off('error', failed).off('exit', exited);
      };
      const answered = ({ verdict }: TrialAnswer): void => {
        settle();
        resolve(verdict);
      };
      const failed = (error: Error): void => {
        settle();
        reject(error);
      };
      const exited = (code: number | null, signal: string | null): void => {
        settle();
        const hangs = `it hangs for ${HANGS_AFTER_MS} ms`;
        resolve(unfinished(signal === 'SIGKILL' ? hangs : `its process ended with ${signal ?? code}`));
      };
      child.on('message', answered).on('error', failed).on('exit', exited);
      child.send(request);
    });
  }

  end(): void {
    if (this.#child?.connected) this.#child.disconnect();
    this.#child = undefined;
  }
}

function unfinished(text: string): Verdict {
  const failure = { rule: 'does-not-settle', at: 0, text } as const;
  return { failures: [failure], hash: '', faults: 0, ticks: 0, virtualMs: 0, cpuMs: 0 };
}
