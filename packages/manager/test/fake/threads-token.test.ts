import { describe, expect, it } from 'vitest';
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
  it('is waited for as long as it takes where none was good before', async () => {
    const { clock, token, answer } = bench();
    const next = token.next();
    clock.pass(60_000);
    answer('first');
    expect(await next).toBe('first');
    expect(clock.pending).toBe(0);
  });

  it('is asked for anew before each connect', async () => {
    const { asked, token, answer } = bench();
    const first = token.next();
    answer('one');
    expect(await first).toBe('one');
    const second = token.next();
    answer('two');
    expect(await second).toBe('two');
    expect(asked).toHaveLength(2);
  });

  it('is the one that was good, where the main thread does not answer in time; the late answer is for the next attempt', async () => {
    const it = bench();
    await it.opened('good');
    const next = it.token.next();
    it.clock.pass(499);
    it.clock.pass(1);
    expect(await next).toBe('good');
    it.answer('late');
    expect(await it.token.next()).toBe('late');
    expect(it.asked).toHaveLength(2);
  });

  it('is asked for anew once the connection is open: a late answer of before may be of yesterday', async () => {
    for (const isLateWhenOpen of [false, true]) {
      const it = bench();
      await it.opened('good');
      const next = it.token.next();
      it.clock.pass(500);
      expect(await next).toBe('good');
      if (!isLateWhenOpen) it.answer('late');
      it.token.opened();
      if (isLateWhenOpen) it.answer('late');
      const today = it.token.next();
      expect(it.asked).toHaveLength(3);
      it.answer('today');
      expect(await today).toBe('today');
    }
  });

  it('is not asked for a second time while the first question is open', async () => {
    const it = bench();
    await it.opened('good');
    const first = it.token.next();
    it.clock.pass(500);
    await first;
    const second = it.token.next();
    expect(it.asked).toHaveLength(2);
    it.answer('new');
    expect(await second).toBe('new');
  });

  it('is the answer, where it comes in time', async () => {
    const it = bench();
    await it.opened('good');
    const next = it.token.next();
    it.clock.pass(400);
    it.answer('new');
    expect(await next).toBe('new');
    await Promise.resolve();
    expect(it.clock.pending).toBe(0);
  });

  it('is never one that the server has refused', async () => {
    const it = bench();
    await it.opened('good');
    it.token.refused();
    const next = it.token.next();
    it.clock.pass(10_000);
    it.answer('new');
    expect(await next).toBe('new');
  });

  it('fails with what the provider said, and an answer that fails too late harms nobody', async () => {
    const it = bench();
    const first = it.token.next();
    it.fail('the vault is closed');
    await expect(first).rejects.toThrow('the vault is closed');

    await it.opened('good');
    const late = it.token.next();
    it.clock.pass(500);
    expect(await late).toBe('good');
    it.fail('too late');
    const next = it.token.next();
    it.answer('new');
    expect(await next).toBe('new');
  });

  it('ignores the answer to a question that it never asked', async () => {
    const it = bench();
    const next = it.token.next();
    it.token.answered({ request: 99, token: 'of somebody else' });
    it.answer('mine');
    expect(await next).toBe('mine');
  });
});
