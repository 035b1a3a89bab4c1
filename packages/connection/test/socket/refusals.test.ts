import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Gap } from '@kite/connection';
import { ACCESS_TOKEN, API_KEY, aWhile, eventually, ofType } from '@kite/testkit';

import { openBench, states } from '../support/connection-bench.js';

const others: WebSocket[] = [];
afterEach(() => {
  for (const other of others.splice(0)) other.terminate();
});

/** A connection of the same key from elsewhere: this process knows nothing of it. */
async function connectionOfAnotherProcess(url: string): Promise<WebSocket> {
  const query = new URLSearchParams({ api_key: API_KEY, access_token: ACCESS_TOKEN }).toString();
  const socket = new WebSocket(`${url}?${query}`);
  others.push(socket);
  await once(socket, 'open');
  return socket;
}

/** A server that refuses every handshake in this way. Without an end, the body is announced and does not come. */
async function refusingServer(status: number, body: string, headers = '', hasEnd = true) {
  const http = createServer();
  const server = {
    url: '',
    handshakes: 0,
    async [Symbol.asyncDispose]() {
      http.close();
      await once(http, 'close');
    },
  };
  http.on('upgrade', (_request, socket: Duplex) => {
    server.handshakes++;
    if (hasEnd)
      socket.end(`HTTP/1.1 ${status} Refused\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
    else {
      socket.write(`HTTP/1.1 ${status} Refused\r\n${headers}Content-Length: 1000\r\n\r\n`);
      socket.on('error', () => undefined);
      socket.resume().on('end', () => socket.destroy());
    }
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  server.url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  return server;
}

test('a refusal is what its status says, though its body never ends and the handshake has little time left', async () => {
  await using bench = await openBench();
  await using server = await refusingServer(403, '', '', false);
  const ticker = bench.ticker({ url: server.url, connectionTimeoutMs: 500 });
  await expect(ticker.connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED', status: 403 });
  expect(server.handshakes).toBe(1);
});

describe('403 with a fixed token', () => {
  test('fails at once, and the error names the likely causes', async () => {
    await using bench = await openBench({ accounts: [{ apiKey: API_KEY, accessToken: 'of-today' }] });
    const ticker = bench.ticker();
    const failure = ticker.connect();
    await expect(failure).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED', status: 403 });
    await expect(failure).rejects.toThrow(/expired.*06:00 IST.*API key.*Personal plan/s);
    expect(ticker.state).toBe('failed');
    expect(bench.simulator.handshakes).toHaveLength(1);
  });

  test('is revived by updateCredentials(), by itself', async () => {
    await using bench = await openBench({ accounts: [{ apiKey: API_KEY, accessToken: 'of-today' }] });
    const ticker = bench.ticker();
    await ticker.subscribe([5633]);
    await ticker.connect().catch(() => undefined);
    await ticker.updateCredentials({ accessToken: 'of-today' });
    await eventually(() => expect(ticker.isConnected()).toBe(true));
    expect([...ticker.subscriptions.keys()]).toEqual([5633]);
  });

  test('is revived by another API key as well', async () => {
    await using bench = await openBench({ accounts: [{ apiKey: 'other', accessToken: 'of-today' }] });
    const ticker = bench.ticker();
    await ticker.connect().catch(() => undefined);
    await ticker.updateCredentials({ apiKey: 'other', accessToken: 'of-today' });
    await eventually(() => expect(bench.simulator.connections).toMatchObject([{ apiKey: 'other' }]));
  });

  test('is revived by connect(), where the server has changed its mind', async () => {
    await using bench = await openBench();
    bench.simulator.refuse(1, 403);
    const ticker = bench.ticker();
    await expect(ticker.connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED' });
    await ticker.connect();
    expect(ticker.isConnected()).toBe(true);
  });

  test('in the night: an open stream outlives its token, and fails only when it has to connect again', async () => {
    await using bench = await openBench();
    const { ticker, messages } = await bench.open();
    const gaps: Gap[] = [];
    ticker.on('gap', (gap) => gaps.push(gap));
    bench.simulator.expireTokens();
    await ticker.ping();
    expect(ticker.isConnected()).toBe(true);
    bench.simulator.drop();
    await eventually(() =>
      expect(ofType(messages, 'state').at(-1)).toMatchObject({
        state: 'failed',
        error: { code: 'KITE_CONNECTION_UNAUTHORIZED' },
      }),
    );
    await ticker.updateCredentials({ accessToken: 'of-the-new-day' });
    await eventually(() => expect(gaps).toHaveLength(1));
    expect(gaps[0]!.reason).toContain('403');
  });
});

describe('403 with a token provider', () => {
  test('in the night: the same token is tried at its own pace, a new one opens the connection', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    let token = 'of-yesterday';
    let asked = 0;
    const { ticker, messages } = await bench.open({
      accessToken: async () => {
        asked++;
        return token;
      },
    });
    simulator.expireTokens();
    simulator.drop();
    const refusals = (): number => simulator.handshakes.filter(({ status }) => status === 403).length;
    const codes = (): unknown[] => ofType(messages, 'state').map(({ error }) => error?.code);
    await eventually(() => {
      expect(refusals()).toBeGreaterThan(2);
      expect(codes()).toContain('KITE_CONNECTION_UNAUTHORIZED');
      expect(codes()).toContain('KITE_CONNECTION_TOKEN_UNCHANGED');
    });
    expect(ticker.state).not.toBe('failed');
    // Asked before every connect, and more often than the server is.
    expect(asked).toBeGreaterThan(refusals());
    token = 'of-today';
    await eventually(() => expect(ofType(messages, 'gap')).toHaveLength(1));
    expect(ticker.isConnected()).toBe(true);
  });

  test('connect() stays pending meanwhile, for people log in at nine', async () => {
    await using bench = await openBench({ accounts: [{ apiKey: API_KEY, accessToken: 'of-today' }] });
    let token = 'of-yesterday';
    const ticker = bench.ticker({ accessToken: () => token });
    const connected = ticker.connect();
    await eventually(() => expect(bench.simulator.handshakes.length).toBeGreaterThan(1));
    token = 'of-today';
    await connected;
    expect(bench.simulator.handshakes.at(-1)).toMatchObject({ status: 101 });
  });
});

describe('a token provider', () => {
  test('whose error throws where it is touched is a failed attempt like any other', async () => {
    await using bench = await openBench();
    class VaultError extends Error {
      readonly response?: { status: string };
      get code(): string {
        return this.response!.status;
      }
    }
    let isOpen = false;
    const ticker = bench.ticker({
      accessToken: () => (isOpen ? ACCESS_TOKEN : Promise.reject(new VaultError('the vault is closed'))),
    });
    const told: unknown[] = [];
    ticker.on('state', ({ error }) => error && told.push(error));
    const connected = ticker.connect();
    await eventually(() => expect(told.length).toBeGreaterThan(0));
    expect(told[0]).toMatchObject({ message: expect.stringContaining('the vault is closed') as string });
    isOpen = true;
    await connected;
  });

  test.each([
    ['rejects', async () => Promise.reject(new Error('the vault is sealed'))],
    [
      'throws',
      () => {
        throw new Error('the vault is sealed');
      },
    ],
  ])('that %s is a failed attempt, asked again, and the server never hears of it', async (_what, failing) => {
    await using bench = await openBench();
    let provider: () => string | Promise<string> = failing;
    const errors: unknown[] = [];
    const ticker = bench.ticker({ accessToken: () => provider() });
    ticker.on('state', ({ error }) => error && errors.push(error));
    const connected = ticker.connect();
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(errors[0]).toMatchObject({
      code: 'KITE_CONNECTION_TOKEN_FAILED',
      cause: { message: 'the vault is sealed' },
    });
    expect(bench.simulator.handshakes).toEqual([]);
    provider = async () => ACCESS_TOKEN;
    await connected;
  });

  test.each([
    ['nothing', undefined],
    ['an empty string', ''],
    ['blanks', '  '],
    ['a number', 4711],
    ['an object', { accessToken: ACCESS_TOKEN }],
  ])('that gives %s is a failed attempt, not a connect with rubbish', async (_what, value) => {
    await using bench = await openBench();
    const ticker = bench.ticker({ accessToken: () => value as string, maxReconnectAttempts: 0 });
    await expect(ticker.connect()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
      cause: { code: 'KITE_CONNECTION_TOKEN_FAILED' },
    });
    expect(bench.simulator.handshakes).toEqual([]);
  });

  test('that hangs is a timeout, and never are two calls in flight', async () => {
    await using bench = await openBench();
    let calls = 0;
    let answer: (token: string) => void = () => undefined;
    const ticker = bench.ticker({
      connectionTimeoutMs: 300,
      accessToken: () => {
        calls++;
        return new Promise<string>((resolve) => (answer = resolve));
      },
    });
    const errors: (string | undefined)[] = [];
    ticker.on('state', ({ error }) => error && errors.push(error.code));
    const connected = ticker.connect();
    await eventually(() => expect(errors.length).toBeGreaterThan(1));
    expect(new Set(errors)).toEqual(new Set(['KITE_CONNECTION_TOKEN_TIMEOUT']));
    expect([calls, bench.simulator.handshakes.length]).toEqual([1, 0]);
    answer(ACCESS_TOKEN);
    await connected;
    expect(calls).toBe(1);
  });

  test('is asked once before every connect', async () => {
    await using bench = await openBench();
    let calls = 0;
    const ticker = bench.ticker({ accessToken: async () => `token-${++calls}` });
    await ticker.connect();
    for (let connects = 2; connects <= 4; connects++) {
      bench.simulator.drop();
      await eventually(() => expect(bench.simulator.handshakes).toHaveLength(connects));
      await eventually(() => expect(ticker.isConnected()).toBe(true));
    }
    expect(calls).toBe(4);
  });

  test('that answers only after close() opens nothing', async () => {
    await using bench = await openBench();
    let answer: (token: string) => void = () => undefined;
    const ticker = bench.ticker({ accessToken: () => new Promise<string>((resolve) => (answer = resolve)) });
    const connected = ticker.connect();
    await ticker.close();
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    answer(ACCESS_TOKEN);
    await aWhile();
    expect(bench.simulator.handshakes).toEqual([]);
  });
});

describe('429', () => {
  test('from a server that counts other processes as well is tried every rateLimitDelayMs until a place is free', async () => {
    await using bench = await openBench();
    const { simulator } = bench;
    const held = [];
    for (let n = 0; n < 3; n++) held.push(await connectionOfAnotherProcess(simulator.url));
    const ticker = bench.ticker();
    const errors: unknown[] = [];
    ticker.on('state', ({ error }) => error && errors.push(error));
    const connected = ticker.connect();
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(errors[0]).toMatchObject({ code: 'KITE_CONNECTION_RATE_LIMITED', status: 429 });
    held[0]!.close();
    await connected;
    expect(simulator.connections).toHaveLength(3);
  });

  test('has a pace of its own, however long the normal one is', async () => {
    await using bench = await openBench();
    bench.simulator.refuse(2, 429);
    const ticker = bench.ticker({ reconnectDelayMs: 60_000, maxReconnectDelayMs: 60_000 });
    await ticker.connect();
    expect(bench.simulator.handshakes.map(({ status }) => status)).toEqual([429, 429, 101]);
  });
});

describe('the limit of three connections of a key in this process', () => {
  test('refuses the fourth ticker before any handshake, and lets it in when one has closed', async () => {
    await using bench = await openBench();
    const [first, second, third, fourth] = [bench.ticker(), bench.ticker(), bench.ticker(), bench.ticker()];
    await Promise.all([first.connect(), second.connect(), third.connect()]);
    await expect(fourth.connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    expect(fourth.state).toBe('idle');
    expect(bench.simulator.handshakes).toHaveLength(3);
    await second.close();
    await fourth.connect();
    expect(bench.simulator.connections).toHaveLength(3);
  });

  test('counts a connection that waits to reconnect, so that its place is there when it comes back', async () => {
    await using bench = await openBench();
    await bench.simulator.pause();
    const waiting = [bench.ticker(), bench.ticker(), bench.ticker()].map((ticker) => ticker.connect());
    await expect(bench.ticker().connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    await bench.simulator.resume();
    await Promise.all(waiting);
  });

  test('does not count a connection that has failed for good', async () => {
    await using bench = await openBench();
    bench.simulator.refuse(3, 403);
    const failed = [bench.ticker(), bench.ticker(), bench.ticker()];
    await Promise.allSettled(failed.map((ticker) => ticker.connect()));
    expect(failed.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    await Promise.all([bench.ticker().connect(), bench.ticker().connect(), bench.ticker().connect()]);
    await expect(failed[0]!.updateCredentials({ accessToken: ACCESS_TOKEN })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_LIMIT_REACHED',
    });
  });

  test('is for one key and one server: accounts do not share it, nor anything else', async () => {
    await using bench = await openBench();
    await using elsewhere = await openBench();
    const keys = ['a', 'a', 'a', 'b', 'b', 'b'];
    const tickers = keys.map((apiKey) => bench.ticker({ apiKey, accessToken: `token-of-${apiKey}` }));
    await Promise.all(tickers.map((ticker) => ticker.connect()));
    await elsewhere.ticker({ apiKey: 'a' }).connect();
    await tickers[0]!.subscribe([5633]);
    await tickers[3]!.subscribe([408065], 'full');
    await eventually(() =>
      expect(bench.simulator.connections.map(({ apiKey, book }) => [apiKey, ...book.keys()])).toContainEqual([
        'b',
        408065,
      ]),
    );
    bench.simulator.drop('a');
    await eventually(() => expect(tickers.filter((ticker) => !ticker.isConnected())).not.toEqual([]));
    expect(tickers.slice(3).map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    await eventually(() => expect(tickers.every((ticker) => ticker.isConnected())).toBe(true));
    expect(tickers.map((ticker) => ticker.getStats().reconnects)).toEqual([1, 1, 1, 0, 0, 0]);
  });
});

describe('400', () => {
  test.each([
    { body: 'Bad Request', code: 'KITE_CONNECTION_BAD_REQUEST' },
    { body: '{"message":"Invalid `access_token` or `api_key`."}', code: 'KITE_CONNECTION_UNAUTHORIZED' },
  ])('fails at once, with what the server said, and is not tried again: $code', async ({ body, code }) => {
    await using bench = await openBench();
    await using server = await refusingServer(400, body);
    const ticker = bench.ticker({ url: server.url });
    const messages = ticker.messages();
    await expect(ticker.connect()).rejects.toMatchObject({ code, status: 400, response: body });
    await ticker.close();
    const seen = [];
    for await (const message of messages) seen.push(message);
    expect(states(seen)).toEqual(['connecting', 'failed', 'closed']);
    expect(server.handshakes).toBe(1);
  });

  test('does not come of a URL without a path: the slash before the query is always there', async () => {
    await using bench = await openBench();
    const ticker = bench.ticker({ url: bench.simulator.url.slice(0, -1) });
    await ticker.connect();
    expect(bench.simulator.handshakes).toMatchObject([{ path: '/', status: 101 }]);
  });

  test('does not come of credentials with reserved characters, which are encoded', async () => {
    const [apiKey, accessToken] = ['k&y=#1', 'web-token+with/reserved=?&#%41'];
    await using bench = await openBench({ accounts: [{ apiKey, accessToken }] });
    const ticker = bench.ticker({ apiKey, accessToken });
    await ticker.connect();
    expect(bench.simulator.handshakes).toMatchObject([{ apiKey, status: 101, kiteVersion: '3' }]);
    expect(bench.simulator.handshakes[0]!.userAgent).toMatch(/kite/);
  });
});

describe('a redirect', () => {
  test('is not followed: the token goes to nobody else', async () => {
    await using bench = await openBench();
    await using elsewhere = await openBench();
    await using server = await refusingServer(302, '', `Location: ${elsewhere.simulator.url}\r\n`);
    const ticker = bench.ticker({ url: server.url, maxReconnectAttempts: 0 });
    await expect(ticker.connect()).rejects.toMatchObject({
      cause: { code: 'KITE_CONNECTION_REFUSED', status: 302 },
    });
    expect(elsewhere.simulator.handshakes).toEqual([]);
  });
});
