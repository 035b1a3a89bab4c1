import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '@kite/kit';
import { settled } from '@kite/testkit';

import { type AccessToken, Credentials } from '../../src/socket/credentials.js';

/** Credentials that are wanted already. */
function wanting(apiKey: string, accessToken: AccessToken): Credentials {
  const credentials = new Credentials();
  credentials.want({ revision: 1, apiKey, accessToken });
  return credentials;
}

/** A token provider whose answers are in the hands of the test. */
function manualFunction() {
  const calls: Deferred<string>[] = [];
  const ask = (): Promise<string> => {
    const call = deferred<string>();
    calls.push(call);
    return call.promise;
  };
  return { calls, ask };
}

describe('an access token', () => {
  test('that is fixed is given as it is', async () => {
    await expect(wanting('k', 't').grant()).resolves.toEqual({ apiKey: 'k', accessToken: 't' });
  });

  test.each([
    ['synchronous', () => 't'],
    ['asynchronous', async () => 't'],
  ])('is what a %s function gives', async (_kind, ask) => {
    await expect(wanting('k', ask).grant()).resolves.toEqual({ apiKey: 'k', accessToken: 't' });
  });

  test('is asked for before every connect', async () => {
    let day = 0;
    const credentials = wanting('k', () => `token-of-day-${++day}`);
    expect((await credentials.grant()).accessToken).toBe('token-of-day-1');
    expect((await credentials.grant()).accessToken).toBe('token-of-day-2');
  });

  test('that comes after everybody gave up is kept for the next attempt, once', async () => {
    const { calls, ask } = manualFunction();
    const credentials = wanting('k', ask);
    void credentials.grant();
    credentials.gaveUp();
    calls[0]?.resolve('late');
    await settled();
    await expect(credentials.grant()).resolves.toMatchObject({ accessToken: 'late' });
    expect(calls).toHaveLength(1);
    void credentials.grant();
    expect(calls).toHaveLength(2);
  });

  test.each([
    [
      'the connection was closed',
      (credentials: Credentials) => {
        credentials.forgetAnswers();
      },
    ],
    [
      'others are wanted',
      (credentials: Credentials) => {
        credentials.want({ revision: 2, apiKey: 'k', accessToken: manualFunction().ask });
      },
    ],
  ])('that comes late is nobody’s after %s', async (_why, end) => {
    for (const isLateBefore of [true, false]) {
      const { calls, ask } = manualFunction();
      const credentials = wanting('k', ask);
      void credentials.grant();
      credentials.gaveUp();
      if (isLateBefore) calls[0]?.resolve('of-yesterday');
      await settled();
      end(credentials);
      calls[0]?.resolve('of-yesterday');
      await settled();
      const other = manualFunction();
      credentials.want({ revision: 3, apiKey: 'k', accessToken: other.ask });
      const grant = credentials.grant();
      other.calls[0]?.resolve('of-today');
      await expect(grant).resolves.toMatchObject({ accessToken: 'of-today' });
    }
  });

  test('of an attempt that was given up is not kept where a later attempt got the same', async () => {
    const { calls, ask } = manualFunction();
    let shared: Promise<string> | undefined;
    const credentials = wanting('k', () => (shared ??= ask()));
    void credentials.grant();
    credentials.gaveUp();
    const grant = credentials.grant();
    calls[0]?.resolve('t');
    await grant;
    shared = undefined;
    void credentials.grant();
    expect(calls).toHaveLength(2);
  });

  test('is asked for again after a failure', async () => {
    let calls = 0;
    const credentials = wanting('k', async () => {
      if (++calls === 1) throw new Error('vault is sealed');
      return 't';
    });
    await expect(credentials.grant()).rejects.toThrow('vault is sealed');
    await expect(credentials.grant()).resolves.toMatchObject({ accessToken: 't' });
  });

  test.each([
    [undefined, 'a value of type undefined'],
    [null, 'a value of type null'],
    [42, 'a value of type number'],
    [{ token: 't' }, 'a value of type object'],
    ['', 'a token that is empty'],
    ['secret\n', 'a token that ends with a newline'],
    ['"secret"', 'a token that has quotes around it'],
    ['\uFEFFsecret', 'a token that begins with a byte order mark'],
    ['token key:secret', 'a token that has white space in it'],
  ])(
    'that is %j is refused before it is dialled with, and the error says why without showing it',
    async (given, named) => {
      const credentials = wanting('k', () => given as string);
      const error: unknown = await credentials.grant().catch((cause: unknown) => cause);
      expect(error).toMatchObject({
        code: 'KITE_CONNECTION_TOKEN_FAILED',
        field: 'accessToken',
        allowed: 'a non-empty string without white space and quotes',
        message: expect.stringContaining(`the token provider gave ${named}`) as unknown,
      });
      expect(JSON.stringify(error)).not.toContain('secret');
    },
  );
});

describe('a grant that the server refused', () => {
  const grant = { apiKey: 'k', accessToken: 't' };

  test('of a fixed token is not remembered: a caller that wants it once more wants it tried', () => {
    const credentials = wanting('k', 't');
    credentials.rejected(grant, 100);
    expect(credentials.rejectedAgoMs(grant, 150)).toBeUndefined();
  });

  test('of a token provider is remembered with its time', () => {
    const credentials = wanting('k', () => 't');
    credentials.rejected(grant, 100);
    expect(credentials.rejectedAgoMs(grant, 150)).toBe(50);
    expect(credentials.rejectedAgoMs({ apiKey: 'k', accessToken: 'another' }, 150)).toBeUndefined();
    expect(credentials.rejectedAgoMs({ apiKey: 'another', accessToken: 't' }, 150)).toBeUndefined();
  });

  test('is forgotten when others are wanted, the same token included', () => {
    const ask = () => 't';
    const credentials = wanting('k', ask);
    credentials.rejected(grant, 100);
    credentials.want({ revision: 2, apiKey: 'k', accessToken: ask });
    expect(credentials.rejectedAgoMs(grant, 150)).toBeUndefined();
  });
});
