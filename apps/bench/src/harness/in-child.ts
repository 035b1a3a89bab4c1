import { once } from 'node:events';
import type { ChildMessage } from './child.js';

/** The other end of `inChild`: does the job that this process was started for, tells the result, and ends. */
export async function answer<Job, Result>(work: (job: Job) => Result | Promise<Result>): Promise<void> {
  const result = await work(jobOfThisProcess<Job>());
  // The official client keeps timers and sockets that cannot be ended from outside.
  tell({ answer: result }, () => process.exit());
}

/** Asks the parent something while the job is being done. */
export async function askParent(question: string): Promise<unknown> {
  const replied = once(process, 'message');
  tell({ question });
  const [reply] = (await replied) as [unknown];
  return reply;
}

/** The other end of `startServer`: serves until the parent lets go. */
export async function serve<Job>(
  begin: (job: Job) => Promise<{ url: string; answer: (question: string) => unknown }>,
): Promise<void> {
  const { url, answer: answerTo } = await begin(jobOfThisProcess<Job>());
  process.on('message', (question: string) => tell({ answer: answerTo(question) ?? null }));
  process.on('disconnect', () => process.exit());
  tell({ answer: url });
}

function tell(message: ChildMessage, then?: () => void): void {
  process.send?.(message, then);
}

function jobOfThisProcess<Job>(): Job {
  return JSON.parse(process.argv[2]!) as Job;
}
