import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '@kite/kit';
import { settled, standing, VirtualClock } from '@kite/testkit';

import { TokenCalls } from '../../src/socket/token-calls.js';

/** Calls of a token provider whose answers are in the hands of the test. */
function bench() {
  const clock = new VirtualClock();
  const answers: Deferred<string>[] = [];
  const source = (): Promise<string> => {
    const answer = deferred<string>();
    answers.push(answer);
    return answer.promise;
  };
  return { clock, answers, source, calls: new TokenCalls(clock, 1000) };
}

describe('a token provider', () => {
  test('is called once for all who ask while a call is pending, and anew for who asks next', async () => {
    const { calls, source, answers } = bench();
    const first = [calls.ask(source), calls.ask(source), calls.ask(source)];
    answers[0]!.resolve('monday');
    expect(await Promise.all(first)).toEqual(['monday', 'monday', 'monday']);
    const second = calls.ask(source);
    answers[1]!.resolve('tuesday');
    expect([await second, answers.length]).toEqual(['tuesday', 2]);
  });

  test('that throws fails for all who asked, and is called anew for who asks next', async () => {
    const { calls } = bench();
    let asked = 0;
    const source = (): string => {
      asked++;
      throw new Error('the vault is shut');
    };
    const results = await Promise.allSettled([calls.ask(source), calls.ask(source)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(calls.ask(source)).rejects.toThrow('the vault is shut');
    expect(asked).toBe(2);
  });

  test('that takes the place of another is not held up by it', async () => {
    const { calls, source } = bench();
    const first = calls.ask(source);
    expect(await calls.ask(() => 'of-another-function')).toBe('of-another-function');
    expect(await standing(first)).toBe('pending');
  });

  test('that hangs is called a second time after ten timeouts, and its first answer is for nobody else', async () => {
    const { calls, clock, source, answers } = bench();
    void calls.ask(source);
    clock.pass(9999);
    void calls.ask(source);
    expect(answers).toHaveLength(1);
    clock.pass(1);
    const second = calls.ask(source);
    expect(answers).toHaveLength(2);
    answers[0]!.resolve('late');
    await settled();
    const third = calls.ask(source);
    answers[1]!.resolve('in-time');
    expect([await second, await third, answers.length]).toEqual(['in-time', 'in-time', 2]);
  });

  test('is asked anew for what is asked after forget(), when the call of before has ended, and not meanwhile', async () => {
    const { calls, source, answers } = bench();
    const before = calls.ask(source);
    calls.forget();
    const after = [calls.ask(source), calls.ask(source)];
    await settled();
    expect(answers).toHaveLength(1);
    answers[0]!.resolve('of-yesterday');
    expect(await before).toBe('of-yesterday');
    await settled();
    expect(answers).toHaveLength(2);
    answers[1]!.resolve('of-today');
    expect(await Promise.all(after)).toEqual(['of-today', 'of-today']);
    expect(answers).toHaveLength(2);
  });

  test('is not called for those who stopped waiting before their turn came', async () => {
    const { calls, clock, source, answers } = bench();
    void calls.ask(source);
    calls.forget();
    const forgotten = calls.ask(source);
    calls.forget();
    answers[0]!.reject(new Error('too late'));
    await settled();
    expect([answers.length, await standing(forgotten)]).toEqual([1, 'rejected']);

    void calls.ask(source).catch(() => undefined);
    calls.forget();
    const overtaken = calls.ask(source);
    clock.pass(10_000);
    const second = calls.ask(source);
    answers[2]!.resolve('in-time');
    await second;
    answers[1]!.resolve('late');
    await settled();
    expect([answers.length, await standing(overtaken)]).toEqual([3, 'rejected']);
  });
});
