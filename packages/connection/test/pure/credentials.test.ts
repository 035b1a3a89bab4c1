import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '@kite/kit';
import { settled } from '@kite/testkit';

import { Credentials } from '../../src/socket/credentials.js';

/** A provider whose answers are in the hands of the test. */
function manualProvider() {
  const calls: Deferred<string>[] = [];
  const provider = (): Promise<string> => {
    const call = deferred<string>();
    calls.push(call);
    return call.promise;
  };
  return { calls, provider };
}

describe('a token provider', () => {
  test('that is fixed is given as it is', async () => {
    await expect(new Credentials('k', 't').grant()).resolves.toEqual({ apiKey: 'k', accessToken: 't' });
  });

  test.each([
    ['synchronous', () => 't'],
    ['asynchronous', async () => 't'],
  ])('that is %s is asked', async (_kind, provider) => {
    await expect(new Credentials('k', provider).grant()).resolves.toEqual({ apiKey: 'k', accessToken: 't' });
  });

  test('is asked before every connect', async () => {
    let day = 0;
    const credentials = new Credentials('k', () => `token of day ${++day}`);
    expect((await credentials.grant()).accessToken).toBe('token of day 1');
    expect((await credentials.grant()).accessToken).toBe('token of day 2');
  });

  test('never has two calls in flight: whoever asks meanwhile gets the answer of the first', async () => {
    const { calls, provider } = manualProvider();
    const credentials = new Credentials('k', provider);
    const grants = [credentials.grant(), credentials.grant(), credentials.grant()];
    expect(calls).toHaveLength(1);
    calls[0]?.resolve('t');
    expect(new Set((await Promise.all(grants)).map(({ accessToken }) => accessToken))).toEqual(
      new Set(['t']),
    );
    void credentials.grant();
    expect(calls).toHaveLength(2);
  });

  test('that is passed again while it has not answered is not called a second time', async () => {
    const { calls, provider } = manualProvider();
    const credentials = new Credentials('k', provider);
    void credentials.grant();
    credentials.update('other key', provider);
    const grant = credentials.grant();
    expect(calls).toHaveLength(1);
    calls[0]?.resolve('t');
    await expect(grant).resolves.toEqual({ apiKey: 'other key', accessToken: 't' });
  });

  test('that is replaced while it has not answered holds nothing up', async () => {
    const { provider } = manualProvider();
    const credentials = new Credentials('k', provider);
    void credentials.grant();
    credentials.update('k2', () => 't2');
    await expect(credentials.grant()).resolves.toEqual({ apiKey: 'k2', accessToken: 't2' });
  });

  test('that answers after everybody gave up has its answer kept for who asks next, once', async () => {
    const { calls, provider } = manualProvider();
    const credentials = new Credentials('k', provider);
    void credentials.grant();
    credentials.gaveUp();
    calls[0]?.resolve('late');
    await settled();
    await expect(credentials.grant()).resolves.toMatchObject({ accessToken: 'late' });
    expect(calls).toHaveLength(1);
    void credentials.grant();
    expect(calls).toHaveLength(2);
  });

  test('that rejects is asked again next time', async () => {
    let calls = 0;
    const credentials = new Credentials('k', async () => {
      if (++calls === 1) throw new Error('vault is sealed');
      return 't';
    });
    await expect(credentials.grant()).rejects.toThrow('vault is sealed');
    await expect(credentials.grant()).resolves.toMatchObject({ accessToken: 't' });
  });

  test('that throws at once is a rejection, not an exception', async () => {
    const credentials = new Credentials('k', () => {
      throw new Error('no vault');
    });
    await expect(credentials.grant()).rejects.toThrow('no vault');
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'object'],
    [42, 'number'],
    [{ token: 't' }, 'object'],
    ['', 'an empty string'],
    ['  \n', 'an empty string'],
  ])('that gives %j has failed, and the error names what is allowed', async (given, named) => {
    const credentials = new Credentials('k', () => given as string);
    await expect(credentials.grant()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_TOKEN_FAILED',
      field: 'accessToken',
      allowed: 'a non-empty string',
      message: expect.stringContaining(named) as unknown,
    });
  });
});

describe('a rejected grant', () => {
  const grant = { apiKey: 'k', accessToken: 't' };

  test('of a fixed token leaves nothing to try, and may be tried again by whoever insists', () => {
    const credentials = new Credentials('k', 't');
    expect(credentials.rejected(grant, credentials.revision, 100)).toBe(false);
    expect(credentials.rejectedAgoMs(grant, 150)).toBeUndefined();
  });

  test('of a provider is remembered with its time', () => {
    const credentials = new Credentials('k', () => 't');
    expect(credentials.rejected(grant, credentials.revision, 100)).toBe(true);
    expect(credentials.rejectedAgoMs(grant, 150)).toBe(50);
    expect(credentials.rejectedAgoMs({ apiKey: 'k', accessToken: 'another' }, 150)).toBeUndefined();
    expect(credentials.rejectedAgoMs({ apiKey: 'another', accessToken: 't' }, 150)).toBeUndefined();
  });

  test('of credentials that were replaced meanwhile says nothing about the new ones', () => {
    const credentials = new Credentials('k', 't');
    const { revision } = credentials;
    credentials.update('k', 't');
    expect(credentials.rejected(grant, revision, 100)).toBe(true);
    expect(credentials.rejectedAgoMs(grant, 150)).toBeUndefined();
  });

  test('is forgotten with an update, the same token included', () => {
    const provider = () => 't';
    const credentials = new Credentials('k', provider);
    credentials.rejected(grant, credentials.revision, 100);
    credentials.update('k', provider);
    expect(credentials.rejectedAgoMs(grant, 150)).toBeUndefined();
  });
});
