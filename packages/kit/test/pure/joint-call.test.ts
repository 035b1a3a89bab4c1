import { describe, expect, test } from 'vitest';
import { deferred, JointCall } from '@kite/kit';

function bench() {
  const work = deferred<undefined>();
  const givenUp = deferred<undefined>();
  let count = 0;
  const call = new JointCall(work.promise, {
    giveUp: () => {
      count++;
      return givenUp.promise;
    },
    left: (signal) => signal.reason as Error,
  });
  return { work, givenUp, call, givenUps: () => count };
}

const left = new Error('left');

describe('JointCall', () => {
  test('gives every call without a signal the same promise, and never gives up for the others', async () => {
    const { work, call, givenUps } = bench();
    const controller = new AbortController();
    const first = call.join();
    expect(call.join()).toBe(first);
    const leaving = call.join(controller.signal);
    controller.abort(left);
    await expect(leaving).rejects.toBe(left);
    expect(givenUps()).toBe(0);
    work.resolve(undefined);
    await first;
  });

  test('gives up when the last call has left, which rejects once that is over', async () => {
    const { work, givenUp, call, givenUps } = bench();
    const controllers = [new AbortController(), new AbortController()] as const;
    const [first, second] = controllers.map(({ signal }) => call.join(signal));
    controllers[0].abort(left);
    await expect(first).rejects.toBe(left);
    expect(givenUps()).toBe(0);
    controllers[1].abort(left);
    expect(givenUps()).toBe(1);
    // The work ends because of it: the call rejects with its own reason all the same.
    work.reject(new Error('stopped'));
    givenUp.resolve(undefined);
    await expect(second).rejects.toBe(left);
    await call.settled;
  });

  test('passes on how the work ends, and forgets the signals then', async () => {
    for (const fails of [false, true]) {
      const { work, call, givenUps } = bench();
      const controller = new AbortController();
      const outcome = call.join(controller.signal).then(
        () => 'resolved',
        (error: unknown) => error,
      );
      if (fails) work.reject(left);
      else work.resolve(undefined);
      expect(await outcome).toBe(fails ? left : 'resolved');
      controller.abort();
      expect(givenUps()).toBe(0);
    }
  });
});
