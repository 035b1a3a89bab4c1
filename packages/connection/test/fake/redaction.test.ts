import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { everyRendering, settled } from '@kite/testkit';

import { bench, type TickerBench } from '../support/ticker-bench.js';

const API_KEY = 'key-that-is-secret';
const ACCESS_TOKEN = 'token+that/is=secret';
const SECRETS = [API_KEY, ACCESS_TOKEN, encodeURIComponent(ACCESS_TOKEN)];

function expectNoSecret(value: unknown): void {
  const seen = everyRendering(value);
  for (const secret of SECRETS) expect(seen).not.toContain(secret);
}

/** The ticker and everything that it hands out. */
function expectSealed({ ticker, messages }: TickerBench): void {
  for (const value of [
    ticker,
    ticker.getStats(),
    ticker.messages(),
    ticker.subscribeRawFrames(),
    ticker.subscriptions,
  ]) {
    expectNoSecret(value);
  }
  // Errors among them print themselves with their causes and stacks.
  expectNoSecret(messages);
}

const secretBench = (options = {}): TickerBench =>
  bench({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, ...options });

describe('no secret can be seen, nor reached,', () => {
  test('before connecting and while connected', async () => {
    await using b = secretBench();
    expectSealed(b);
    const socket = await b.open();
    expect([socket.query.get('api_key'), socket.query.get('access_token')]).toEqual([API_KEY, ACCESS_TOKEN]);
    expectSealed(b);
  });

  test('after a transport failed with an error that holds the URL in every place', async () => {
    await using b = secretBench();
    b.begin();
    await settled();
    const socket = b.transport.last;
    const error = Object.assign(new Error(`Invalid URL: ${socket.request.url}`), {
      ...{
        code: 'ERR',
        input: socket.request.url,
        request: socket.request,
        target: { _url: socket.request.url },
      },
      cause: new Error(socket.request.url),
    });
    socket.drop(1006, '', error);
    expect(b.messages.at(-1)).toMatchObject({ state: 'waiting', error: { cause: { code: 'ERR' } } });
    expectSealed(b);
  });

  test('after a close whose reason repeats the token', async () => {
    await using b = secretBench();
    (await b.open()).drop(1008, `bad token ${ACCESS_TOKEN}`);
    expect(b.messages.at(-1)).toMatchObject({
      error: { message: expect.stringContaining('1008 (bad token (redacted))') as unknown },
    });
    expectSealed(b);
    await b.reopen();
    expect(b.messages.at(-1)).toMatchObject({ type: 'gap' });
    expectSealed(b);
  });

  test('after a provider failed with an error that quotes the last token', async () => {
    let isSealed = false;
    await using b = secretBench({
      accessToken: () => {
        if (isSealed) throw new Error(`${ACCESS_TOKEN} has expired`);
        return ACCESS_TOKEN;
      },
    });
    const socket = await b.open();
    isSealed = true;
    socket.drop();
    await b.clock.advance(2000);
    expect(b.messages.at(-1)).toMatchObject({ error: { code: 'KITE_CONNECTION_TOKEN_FAILED' } });
    expectSealed(b);
  });

  test.each([403, 429, 400, 500])('after %i', async (status) => {
    await using b = secretBench();
    b.begin();
    await settled();
    b.transport.last.refuse(status);
    expectSealed(b);
  });

  test('in the error of a bad update', async () => {
    await using b = secretBench();
    const update = b.ticker.updateCredentials({
      apiKey: API_KEY,
      accessToken: { ACCESS_TOKEN } as unknown as string,
    });
    expectNoSecret(await update.catch((error: unknown) => error));
  });
});

test('what may be shown of a ticker is its state, its subscriptions and its figures', async () => {
  await using b = secretBench();
  await b.ticker.subscribe([408065]);
  await b.open();
  expect(inspect(b.ticker)).toBe("KiteTicker { state: 'open', subscriptions: 1 }");
  expect(JSON.parse(JSON.stringify(b.ticker))).toMatchObject({
    ...{ state: 'open', subscriptions: 1, stats: { isConnected: true, symbolCount: 1 } },
  });
  expect(Object.keys(b.ticker)).toEqual([]);
});
