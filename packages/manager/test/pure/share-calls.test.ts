import { expect, test } from 'vitest';
import { deferred } from '@kite/kit';

import { shareCalls } from '../../src/share-calls.js';

/** A token provider as the connections see it. */
function shared(provider: () => string | Promise<string>): () => Promise<string> {
  const accessToken = shareCalls(provider);
  if (typeof accessToken === 'string') throw new Error('a provider was expected');
  return async () => accessToken();
}

test('a fixed token stays as it is', () => {
  expect(shareCalls('token')).toBe('token');
});

test('three connections that ask at once are one question', async () => {
  const answers = [deferred<string>(), deferred<string>()];
  let asked = 0;
  const ask = shared(() => answers[asked++]!.promise);
  const first = [ask(), ask(), ask()];
  answers[0]!.resolve('monday');
  expect(await Promise.all(first)).toEqual(['monday', 'monday', 'monday']);
  expect(asked).toBe(1);
  const second = ask();
  answers[1]!.resolve('tuesday');
  expect(await second).toBe('tuesday');
});

test('whoever asks while a failure is pending shares it, and the next one asks anew', async () => {
  let asked = 0;
  const ask = shared(() => {
    asked++;
    throw new Error('the vault is shut');
  });
  const results = await Promise.allSettled([ask(), ask()]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(ask()).rejects.toThrow('the vault is shut');
  expect(asked).toBe(2);
});

test('a provider that answers at once is asked again each time', async () => {
  let asked = 0;
  const ask = shared(() => `token ${++asked}`);
  expect([await ask(), await ask()]).toEqual(['token 1', 'token 2']);
});
