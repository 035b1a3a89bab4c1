import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A process of the trial, and what it has told last. */
export class Member<Told> {
  readonly name: string;
  readonly #file: string;
  readonly #job: object;
  #child: ChildProcess;
  #told: Told | undefined;

  constructor(kind: 'collector' | 'program', name: string, job: object) {
    this.name = name;
    this.#file = fileURLToPath(new URL(`./bus/children/${kind}.js`, import.meta.url));
    this.#job = { name, ...job };
    this.#child = this.#start();
  }

  /** What this life has told last. */
  get told(): Told | undefined {
    return this.#told;
  }

  /** Kills it, as a crash does. Resolves with what it had told last. */
  async kill(): Promise<Told | undefined> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    const told = this.#told;
    this.#told = undefined;
    return told;
  }

  /** Starts its next life. */
  async startAfter(downMs: number): Promise<void> {
    await delay(downMs);
    this.#child = this.#start();
  }

  #start(): ChildProcess {
    const child = fork(this.#file, [JSON.stringify(this.#job)], { execArgv: ['--no-warnings'] });
    child.on('message', (told) => {
      // What a former life had told may come late.
      if (child === this.#child && child.signalCode === null) this.#told = told as Told;
    });
    return child;
  }
}
