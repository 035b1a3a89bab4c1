import { describe, expect, test } from 'vitest';
import { Closing, deferred } from '@kite/kit';

describe('Closing', () => {
  test('has its promise before the work begins: the work may ask for it', async () => {
    const closing = new Closing();
    let inside: Promise<void> | undefined;
    const done = closing.begin(() => {
      inside = closing.begin(() => Promise.reject(new Error('a second work')));
      return Promise.resolve();
    });
    expect(inside).toBe(done);
    await done;
    expect(closing.done).toBeUndefined();
  });

  test('calls what each call wants at the end, before anyone who waits goes on', async () => {
    const closing = new Closing();
    const work = deferred<undefined>();
    const told: string[] = [];
    const first = closing.begin(
      () => work.promise,
      () => told.push('first end'),
    );
    const second = closing.begin(
      () => work.promise,
      () => told.push('second end'),
    );
    const waits = [first, second].map((promise) => promise.then(() => told.push('went on')));
    work.resolve(undefined);
    await Promise.all(waits);
    expect(told).toEqual(['first end', 'second end', 'went on', 'went on']);
  });

  test('passes on what the work rejects with, and works again', async () => {
    const closing = new Closing();
    let ends = 0;
    const failed = closing.begin(
      () => Promise.reject(new Error('mine')),
      () => ends++,
    );
    await expect(failed).rejects.toThrow('mine');
    await closing.begin(() => Promise.resolve());
    expect(ends).toBe(1);
  });
});
