import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Mode } from '@kite/manager';

/** What a strategy in another process is told. */
export interface StrategyJob {
  readonly servers: string;
  readonly name: string;
  readonly tokens: readonly number[];
  readonly mode: Mode;
}

const PROGRAM = fileURLToPath(new URL('strategy-program.ts', import.meta.url));

/** A strategy in a process of its own: it could run on any machine. */
export class StrategyProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;

  private constructor(child: ChildProcess, signal: AbortSignal) {
    this.#child = child;
    this.#signal = signal;
  }

  /** Resolves when it has subscribed. */
  static async start(job: StrategyJob, signal: AbortSignal): Promise<StrategyProcess> {
    const child = fork(PROGRAM, [JSON.stringify(job)]);
    try {
      await once(child, 'message', { signal });
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return new StrategyProcess(child, signal);
  }

  /** What it has received since the last call. */
  async describe(): Promise<string> {
    const answer = once(this.#child, 'message', { signal: this.#signal }) as Promise<[string]>;
    // Ctrl-C ends it too.
    this.#child.send('describe', () => undefined);
    return (await answer)[0];
  }

  /** Kills it, as a crash would: it says goodbye to nobody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
