/** The other end of `inChild`: does the job that this process was started for, tells the result, and ends. */
export async function answer<Job, Result>(work: (job: Job) => Result | Promise<Result>): Promise<void> {
  const result = await work(jobOfThisProcess<Job>());
  process.send?.(result, () => {
    // The official client keeps timers and sockets that cannot be ended from outside.
    process.exit();
  });
}

/** The other end of `startServer`: serves until the parent lets go. */
export async function serve<Job>(
  begin: (job: Job) => Promise<{ url: string; answer: (question: string) => unknown }>,
): Promise<void> {
  const { url, answer: answerTo } = await begin(jobOfThisProcess<Job>());
  process.on('message', (question: string) => {
    void Promise.resolve(answerTo(question)).then((reply) => process.send?.(reply ?? null));
  });
  process.on('disconnect', () => process.exit());
  process.send?.(url);
}

function jobOfThisProcess<Job>(): Job {
  return JSON.parse(process.argv[2]!) as Job;
}
