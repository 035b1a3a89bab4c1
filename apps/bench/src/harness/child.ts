import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a child process is started with besides its job. */
export interface ChildOptions {
  /** Flags of Node. */
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Answers what the child asks while it works. */
  onQuestion?: (question: string) => unknown;
}

/** What a child sends: the answer to what it was asked, or a question of its own. */
export type ChildMessage = { readonly answer: unknown } | { readonly question: string };

/** Runs a job in a process of its own: a fresh optimiser, a fresh heap, and nobody else's garbage. */
export async function inChild<Result>(
  name: string,
  job: unknown,
  options: ChildOptions = {},
): Promise<Result> {
  const child = start(name, job, options);
  const result = await answerOf<Result>(child, name, options.onQuestion);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return result;
}

/** A server in a process of its own. */
export class RemoteServer {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #name: string;

  constructor(url: string, child: ChildProcess, name: string) {
    this.url = url;
    this.#child = child;
    this.#name = name;
  }

  /** Asks the server, and waits for its answer. One question at a time. */
  ask<Answer>(question: string): Promise<Answer> {
    const answer = answerOf<Answer>(this.#child, this.#name);
    this.#child.send(question);
    return answer;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

export async function startServer(name: string, job: unknown): Promise<RemoteServer> {
  const child = start(name, job, {});
  return new RemoteServer(await answerOf<string>(child, name), child, name);
}

function start(name: string, job: unknown, { flags = [], env = {} }: ChildOptions): ChildProcess {
  const file = fileURLToPath(new URL(`./children/${name}.js`, import.meta.url));
  return fork(file, [JSON.stringify(job)], {
    execArgv: [...flags],
    env: { ...process.env, ...env },
    serialization: 'advanced',
  });
}

function answerOf<Answer>(
  child: ChildProcess,
  name: string,
  onQuestion?: ChildOptions['onQuestion'],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: ChildMessage): void => {
      if ('question' in message) {
        void Promise.resolve(onQuestion?.(message.question)).then((reply) => {
          child.send({ reply });
        });
        return;
      }
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(message.answer as Answer);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      child.off('message', onMessage);
      reject(new Error(`${name} ended before it answered: ${signal ?? `code ${code}`}`));
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}
