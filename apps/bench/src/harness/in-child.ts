import { once } from 'node:events';

import type { ChildMessage } from './child.js';

/** The other end of `inChild`: does this process's job, sends the result and exits. */
export async function answer(work: (job: never) => unknown): Promise<void> {
  const result = await work(jobOfThisProcess() as never);
  // The official client keeps timers and sockets that cannot be closed from outside.
  tell({ answer: result }, () => process.exit());
}

/** Asks the parent something while the job is being done. */
export async function askParent(question: string): Promise<unknown> {
  const replied = once(process, 'message');
  tell({ question });
  const [{ reply }] = (await replied) as [{ reply: unknown }];
  return reply;
}

/** The other end of `startServer` and `startRemote`: answers until the parent lets go. */
export async function serve<Question>(
  begin: (job: never) => Answering<Question> | Promise<Answering<Question>>,
): Promise<void> {
  const { url, answer: answerTo } = await begin(jobOfThisProcess() as never);
  process.on('message', (question: Question) => {
    void Promise.resolve(answerTo(question)).then((reply) => {
      tell({ answer: reply ?? null });
    });
  });
  process.on('disconnect', () => process.exit());
  tell({ answer: url ?? null });
}

interface Answering<Question> {
  readonly url?: string;
  readonly answer: (question: Question) => unknown;
}

function tell(message: ChildMessage, then: () => void = () => undefined): void {
  process.send?.(message, then);
}

function jobOfThisProcess(): unknown {
  return JSON.parse(process.argv[2]!);
}
