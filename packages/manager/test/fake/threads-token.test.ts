import { describe, expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { RemoteToken } from '../../src/threads/worker/remote-token.js';

function bench() {
  const clock = new VirtualClock();
  const asked: number[] = [];
  const token = new RemoteToken(clock, () => asked.push(asked.length));
  return {
    clock,
    asked,
    token,
    answer: (given: unknown) => {
      token.answered({ request: asked.length, token: given });
    },
    fail: (error: string) => {
      token.answered({ request: asked.length, error });
    },
    /** Opened once, with this token. */
    async opened(given: string) {
      const next = token.next();
      this.answer(given);
      await next;
      token.opened();
    },
  };
}

describe('the token of a connection in a worker', () => {
  test('is waited for as long as it takes where none was good before', async () => {
    const { clock, token, answer } = bench();
    const next = token.next();
    clock.pass(60_000);
    answer('first');
    expect(await next).toBe('first');
    expect(clock.pending).toBe(0);
  });

  test('is asked for anew before each connect', async () => {
    const { asked, token, answer } = bench();
    const first = token.next();
    answer('one');
    expect(await first).toBe('one');
    const second = token.next();
    answer('two');
    expect(await second).toBe('two');
    expect(asked).toHaveLength(2);
  });

  test('is the one that was good, where the main thread does not answer in time; the late answer is for an attempt that gets none', async () => {
    const subject = bench();
    await subject.opened('good');
    const next = subject.token.next();
    subject.clock.pass(499);
    subject.clock.pass(1);
    expect(await next).toBe('good');
    subject.answer('late');
    const again = subject.token.next();
    expect(subject.asked).toHaveLength(3);
    subject.clock.pass(500);
    expect(await again).toBe('late');
  });

  test('is not a late answer where the main thread answers again: a new token may have come since', async () => {
    const subject = bench();
    await subject.opened('good');
    const first = subject.token.next();
    subject.clock.pass(500);
    await first;
    subject.answer('late');
    const next = subject.token.next();
    subject.answer('newer');
    expect(await next).toBe('newer');
    const third = subject.token.next();
    subject.clock.pass(500);
    expect(await third).toBe('good');
  });

  test('is asked for anew once the connection is open: a late answer of before may be of yesterday', async () => {
    for (const isLateWhenOpen of [false, true]) {
      const subject = bench();
      await subject.opened('good');
      const next = subject.token.next();
      subject.clock.pass(500);
      expect(await next).toBe('good');
      if (!isLateWhenOpen) subject.answer('late');
      subject.token.opened();
      if (isLateWhenOpen) subject.answer('late');
      const today = subject.token.next();
      expect(subject.asked).toHaveLength(3);
      subject.answer('today');
      expect(await today).toBe('today');
    }
  });

  test('is asked for by each attempt, and the answer to an older question will do', async () => {
    const subject = bench();
    await subject.opened('good');
    const first = subject.token.next();
    subject.clock.pass(500);
    await first;
    const second = subject.token.next();
    expect(subject.asked).toHaveLength(3);
    subject.token.answered({ request: 2, token: 'new' });
    expect(await second).toBe('new');
    // The answer to the newer question is the same, and no late one.
    subject.token.answered({ request: 3, token: 'new' });
    const third = subject.token.next();
    subject.answer('newer');
    expect(await third).toBe('newer');
  });

  test('of before a close is none afterwards, neither a late answer nor one that was good', async () => {
    const subject = bench();
    await subject.opened('good');
    const first = subject.token.next();
    subject.clock.pass(500);
    await first;
    subject.answer('late');
    subject.token.closed();
    const next = subject.token.next();
    subject.clock.pass(60_000);
    subject.token.answered({ request: 2, token: 'later' });
    subject.answer('of-today');
    expect(await next).toBe('of-today');
  });

  test('is the answer, where it comes in time', async () => {
    const subject = bench();
    await subject.opened('good');
    const next = subject.token.next();
    subject.clock.pass(400);
    subject.answer('new');
    expect(await next).toBe('new');
    await Promise.resolve();
    expect(subject.clock.pending).toBe(0);
  });

  test('is never one that the server has refused', async () => {
    const subject = bench();
    await subject.opened('good');
    subject.token.refused();
    const next = subject.token.next();
    subject.clock.pass(10_000);
    subject.answer('new');
    expect(await next).toBe('new');
  });

  test('fails with what the provider said, and an answer that fails too late harms nobody', async () => {
    const subject = bench();
    const first = subject.token.next();
    subject.fail('the vault is closed');
    await expect(first).rejects.toThrow('the vault is closed');

    await subject.opened('good');
    const late = subject.token.next();
    subject.clock.pass(500);
    expect(await late).toBe('good');
    subject.fail('too late');
    const next = subject.token.next();
    subject.answer('new');
    expect(await next).toBe('new');
  });

  test('ignores the answer to a question that it never asked', async () => {
    const subject = bench();
    const next = subject.token.next();
    subject.token.answered({ request: 99, token: 'of somebody else' });
    subject.answer('mine');
    expect(await next).toBe('mine');
  });
});
