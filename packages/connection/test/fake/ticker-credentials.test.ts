import { describe, expect, test } from 'vitest';
import { deferred } from '@kite/kit';
import { ACCESS_TOKEN, settled, standing } from '@kite/testkit';

import { bench } from '../support/ticker-bench.js';

describe('updateCredentials()', () => {
  const fresh = { accessToken: 'fresh' };

  test('while idle or closed is for the next connect', async () => {
    await using b = bench();
    await b.ticker.updateCredentials({ apiKey: 'fresh-key', ...fresh });
    expect(b.ticker.state).toBe('idle');
    const socket = await b.open();
    expect([socket.query.get('api_key'), socket.query.get('access_token')]).toEqual(['fresh-key', 'fresh']);
    await b.ticker.close();
    await b.ticker.updateCredentials({ accessToken: 'fresher' });
    expect(b.ticker.state).toBe('closed');
    expect((await b.open()).query.get('access_token')).toBe('fresher');
  });

  test.each([400, 403])(
    'while connecting: the attempt is begun anew, and a late %i is no verdict',
    async (status) => {
      await using b = bench();
      const connected = b.ticker.connect();
      await settled();
      const old = b.transport.last;
      await b.ticker.updateCredentials(fresh);
      await settled();
      expect([old.isTerminated, b.transport.sockets.length]).toEqual([true, 2]);
      old.refuse(status);
      expect(b.states).toEqual(['connecting', 'connecting']);
      expect(b.transport.last.query.get('access_token')).toBe('fresh');
      b.transport.last.open();
      await connected;
    },
  );

  test('while open: the stream goes on, and the next connect has them', async () => {
    await using b = bench();
    const socket = await b.open();
    await b.ticker.updateCredentials(fresh);
    expect([b.ticker.isConnected(), socket.isClosing, socket.isTerminated]).toEqual([true, false, false]);
    socket.drop();
    expect((await b.reopen()).query.get('access_token')).toBe('fresh');
  });

  test('while it waits for another token: at once', async () => {
    await using b = bench({ accessToken: () => 'stale' });
    b.transport.onDial = (socket) => {
      if (socket.query.get('access_token') === 'stale') socket.refuse(403);
      else socket.open();
    };
    const connected = b.ticker.connect();
    await b.clock.advance(10_000);
    expect(b.ticker.state).toBe('waiting');
    await b.ticker.updateCredentials(fresh);
    await settled();
    await connected;
  });

  test('while it waits for the network: at once', async () => {
    await using b = bench();
    (await b.open()).drop();
    await b.ticker.updateCredentials(fresh);
    await settled();
    expect(b.transport.sockets).toHaveLength(2);
    expect(b.transport.last.query.get('access_token')).toBe('fresh');
  });

  test('while closing: closes', async () => {
    await using b = bench();
    const socket = await b.open();
    socket.isMute = true;
    const closed = b.ticker.close();
    await b.ticker.updateCredentials(fresh);
    await b.clock.advance(2000);
    await closed;
    expect([b.ticker.state, b.transport.sockets.length]).toEqual(['closed', 1]);
  });

  test('when failed: opens again by itself', async () => {
    await using b = bench();
    const connected = b.ticker.connect();
    await settled();
    b.transport.last.refuse(403);
    await connected.catch(() => undefined);
    await b.ticker.updateCredentials(fresh);
    await settled();
    b.transport.last.open();
    expect(b.ticker.isConnected()).toBe(true);
  });

  test.each([{}, { accessToken: '' }, { apiKey: 42, accessToken: 't' }, undefined, null, 'fresh'])(
    'with %j is refused, as a rejection, and changes nothing',
    async (given) => {
      await using b = bench();
      await expect(b.ticker.updateCredentials(given as { accessToken: string })).rejects.toMatchObject({
        code: 'KITE_CONNECTION_INVALID_OPTION',
      });
      expect((await b.open()).query.get('access_token')).toBe(ACCESS_TOKEN);
    },
  );
});

describe('a token provider', () => {
  test.each([
    ['rejects', async () => Promise.reject(new Error('vault is sealed'))],
    [
      'throws',
      () => {
        throw new Error('vault is sealed');
      },
    ],
    ['gives nothing', () => undefined as unknown as string],
  ])('that %s is a failed attempt, asked again at the normal pace', async (_what, provider) => {
    let asked = 0;
    await using b = bench({
      accessToken: () => {
        asked++;
        return provider();
      },
    });
    b.begin();
    await settled();
    expect(b.messages.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_TOKEN_FAILED' },
    });
    await b.clock.advance(1999);
    expect(asked).toBe(1);
    await b.clock.advance(1);
    expect(asked).toBe(2);
    expect(b.transport.sockets).toEqual([]);
  });

  test('that hangs is a timeout, and is called again only after ten timeouts', async () => {
    const calls: ReturnType<typeof deferred<string>>[] = [];
    await using b = bench({
      connectionTimeoutMs: 5000,
      accessToken: () => {
        const call = deferred<string>();
        calls.push(call);
        return call.promise;
      },
    });
    const connected = b.ticker.connect();
    await b.clock.advance(5000);
    expect(b.messages.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_TOKEN_TIMEOUT' },
    });
    await b.clock.advance(44_000);
    expect(calls).toHaveLength(1);
    await b.clock.advance(10_000);
    expect(calls).toHaveLength(2);
    b.transport.onDial = (socket) => {
      socket.open();
    };
    calls[0]?.resolve('too-late');
    calls[1]?.resolve('at-last');
    await b.clock.advance(10_000);
    await connected;
    expect(b.transport.last.query.get('access_token')).toBe('at-last');
    expect(calls).toHaveLength(2);
  });
});

describe('403', () => {
  test('with a provider: the same token is dialled every unauthorizedRetryDelayMs, and asked for before each', async () => {
    let asked = 0;
    await using b = bench({ accessToken: () => `same${asked++ && ''}` });
    b.transport.onDial = (socket) => {
      socket.refuse(403);
    };
    const connected = b.ticker.connect();
    await b.clock.advance(0);
    const counts: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      counts.push(b.transport.sockets.length);
      await b.clock.advance(60_000);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toBeGreaterThanOrEqual(2 * b.transport.sockets.length - 2);
    expect(await standing(connected)).toBe('pending');
    expect(b.states).not.toContain('failed');
    b.transport.onDial = (socket) => {
      socket.open();
    };
    await b.clock.advance(60_000);
    await connected;
  });

  test('with a provider: another token is dialled at the normal pace', async () => {
    let token = 'old';
    await using b = bench({ accessToken: () => token });
    b.begin();
    await settled();
    b.transport.last.refuse(403);
    token = 'new';
    await b.clock.advance(2000);
    expect(b.transport.sockets.map(({ query }) => query.get('access_token'))).toEqual(['old', 'new']);
    b.transport.last.open();
  });
});
