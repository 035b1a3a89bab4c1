import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Options of a child process besides its job. */
export interface ChildOptions {
  /** Flags of Node. */
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Answers what the child asks while it works. */
  onQuestion?: (question: string) => unknown;
}

/** A message from a child: an answer, or its own question. */
export type ChildMessage = { readonly answer: unknown } | { readonly question: string };

/** Runs a job in its own process: a fresh optimiser, a fresh heap, and no other garbage. */
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

/** A process that answers questions until it is stopped. */
export class Remote<Question> {
  readonly #child: ChildProcess;
  readonly #name: string;

  constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
  }

  /** Asks, and waits for the answer. One question at a time. */
  ask<Answer>(question: Question): Promise<Answer> {
    const answer = answerOf<Answer>(this.#child, this.#name);
    this.#child.send(question as object);
    return answer;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

/** A server in its own process. */
export class RemoteServer extends Remote<string> {
  readonly url: string;

  constructor(url: string, child: ChildProcess, name: string) {
    super(child, name);
    this.url = url;
  }
}

export async function startServer(name: string, job: unknown): Promise<RemoteServer> {
  const child = start(name, job, {});
  return new RemoteServer(await answerOf<string>(child, name), child, name);
}

/** Starts a process that answers questions. */
export async function startRemote<Question>(
  name: string,
  job: unknown,
  options: ChildOptions = {},
): Promise<Remote<Question>> {
  const child = start(name, job, options);
  await answerOf(child, name);
  return new Remote(child, name);
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
