import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { KiteError } from '@kite/connection';
import {
  collect,
  eventually,
  everyRendering,
  ofType,
  ProxyProcess,
  type ProxySettings,
  SELF_SIGNED,
  spellings,
} from '@kite/testkit';

import { type ConnectionBench, openBench, states } from '../support/connection-bench.js';

/** A child has to start before anything can be seen of it. */
const CHILD = 30_000;

const USER = 'trader+1';
const PASSWORD = 'pa/ss:w₹rd@home';
const CREDENTIALS = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;
const CA = { ca: SELF_SIGNED.cert };

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What a ticker that tries once gets, and that nothing that it says shows the proxy's credentials. */
async function failure(bench: ConnectionBench, proxy: string): Promise<KiteError> {
  const ticker = bench.ticker({ proxy, tls: CA, connectionTimeoutMs: 500 });
  const messages = collect(ticker.messages());
  const error = (await ticker.connect({ failFast: true }).catch((reason: unknown) => reason)) as KiteError;
  const shown = everyRendering([error, messages, ticker, ticker.getStats()]);
  const secrets = [...spellings(PASSWORD), ...spellings(USER), ...spellings(`${USER}:${PASSWORD}`)];
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  expect(bench.simulator.handshakes).toEqual([]);
  return error;
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(bench: ConnectionBench): string {
  return new URL(bench.simulator.url).port;
}

describe('through a proxy, ticks arrive', () => {
  const SERVERS = [
    ['ws:', {}],
    ['wss:', { tls: SELF_SIGNED }],
  ] as const;
  const PROXIES: [string, ProxySettings, string | undefined][] = [
    ['an http: proxy', {}, undefined],
    ['an http: proxy that wants credentials', { credentials: `${USER}:${PASSWORD}` }, CREDENTIALS],
    ['an https: proxy', { tls: SELF_SIGNED }, undefined],
    [
      'an https: proxy that wants credentials',
      { tls: SELF_SIGNED, credentials: `${USER}:${PASSWORD}` },
      CREDENTIALS,
    ],
  ];
  for (const [scheme, options] of SERVERS)
    test.each(PROXIES)(
      `from ${scheme} by way of %s, and over a new tunnel when it is cut (starts a child)`,
      async (_what, settings, credentials) => {
        await using bench = await openBench(options);
        await using proxy = await ProxyProcess.start(settings);
        const { ticker, messages } = await bench.open({ proxy: proxy.url(credentials), tls: CA });
        const authority = `${new URL(bench.simulator.url).hostname}:${portOf(bench)}`;
        await eventually(() =>
          expect(proxy.requests.map((request) => request.authority)).toEqual([authority]),
        );
        proxy.cut();
        await eventually(() => expect(ofType(messages, 'gap')).toHaveLength(1));
        await bench.caughtUp(ticker, messages);
        await eventually(() => expect(proxy.requests).toHaveLength(2));
        expect(states(messages)).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open']);
      },
      CHILD,
    );
});

describe('a proxy that gives no tunnel is named in the error, and nobody is told its credentials:', () => {
  const FAILED = 'KITE_CONNECTION_PROXY_FAILED';
  test.each<[string, ProxySettings, Partial<KiteError>, RegExp]>([
    [
      'one that wants other credentials',
      { credentials: 'somebody:else' },
      { code: FAILED, status: 407 },
      /^the proxy http:\/\/127\.0\.0\.1:\d+ refused the connection: HTTP 407: it wants a user and password, or other ones$/,
    ],
    [
      'one that repeats them in all that it says',
      { behaviour: 'repeats-the-request', credentials: `${USER}:${PASSWORD}` },
      { code: FAILED, status: 502 },
      /refused the connection: HTTP 502$/,
    ],
    ['one that hangs up', { behaviour: 'hangs-up' }, { code: FAILED }, /failed: socket hang up$/],
    [
      'one that does not speak HTTP',
      { behaviour: 'speaks-otherwise' },
      { code: FAILED },
      /failed: Parse Error/,
    ],
    [
      'one whose answer has no end',
      { behaviour: 'talks-for-ever' },
      { code: FAILED },
      /failed: Parse Error: Header overflow$/,
    ],
    [
      'one that is mute',
      { behaviour: 'mute' },
      { code: 'KITE_CONNECTION_HANDSHAKE_TIMEOUT' },
      /no connection within 500 ms/,
    ],
    [
      'one that cuts the tunnel',
      { behaviour: 'closes-midway' },
      { code: 'KITE_CONNECTION_LOST' },
      /no connection/,
    ],
  ])(
    '%s (starts a child)',
    async (_what, settings, expected, message) => {
      await using bench = await openBench({ tls: SELF_SIGNED });
      await using proxy = await ProxyProcess.start(settings);
      const error = await failure(bench, proxy.url(CREDENTIALS));
      expect(error).toMatchObject(expected);
      expect(error.message).toMatch(message);
    },
    CHILD,
  );

  test('one that is not there', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    const error = await failure(bench, `http://${CREDENTIALS}@127.0.0.1:${await freePort()}`);
    expect(error).toMatchObject({ code: FAILED, cause: { code: 'ECONNREFUSED' } });
  });

  test(
    'one whose certificate nobody knows (starts a child)',
    async () => {
      await using bench = await openBench();
      await using proxy = await ProxyProcess.start({ tls: SELF_SIGNED });
      const ticker = bench.ticker({ proxy: proxy.url(CREDENTIALS) });
      await expect(ticker.connect({ failFast: true })).rejects.toMatchObject({
        code: FAILED,
        cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      });
      expect(proxy.requests).toEqual([]);
    },
    CHILD,
  );
});

test(
  'a refusal of the server is its own, and no failure of the proxy (starts a child)',
  async () => {
    await using bench = await openBench();
    await using proxy = await ProxyProcess.start();
    bench.simulator.refuse(1, 403);
    await expect(bench.ticker({ proxy: proxy.url() }).connect()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_UNAUTHORIZED',
      status: 403,
    });
  },
  CHILD,
);

test(
  'a refusal of the proxy is no refusal of the credentials: 403 is tried again (starts a child)',
  async () => {
    await using bench = await openBench();
    await using proxy = await ProxyProcess.start({ credentials: 'somebody:else' });
    const ticker = bench.ticker({ proxy: proxy.url(), maxReconnectAttempts: 3 });
    await expect(ticker.connect()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
      cause: { code: 'KITE_CONNECTION_PROXY_FAILED' },
    });
    await eventually(() => expect(proxy.requests).toHaveLength(4));
  },
  CHILD,
);

describe("with 'env'", () => {
  test.each(['HTTPS_PROXY', 'https_proxy'])(
    'wss: goes through the proxy of %s (starts a child)',
    async (name) => {
      await using bench = await openBench({ tls: SELF_SIGNED });
      await using proxy = await ProxyProcess.start({ credentials: `${USER}:${PASSWORD}` });
      for (const other of ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(other, '');
      vi.stubEnv(name, proxy.url(CREDENTIALS));
      await bench.open({ proxy: 'env', tls: CA });
      await eventually(() => expect(proxy.requests).toHaveLength(1));
    },
    CHILD,
  );

  test.each(['NO_PROXY', 'no_proxy'])(
    'what %s names is dialled at once, and so is ws: (starts a child)',
    async (name) => {
      await using bench = await openBench({ tls: SELF_SIGNED });
      await using plain = await openBench();
      await using proxy = await ProxyProcess.start();
      for (const other of ['https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(other, '');
      vi.stubEnv('HTTPS_PROXY', proxy.url());
      await plain.open({ proxy: 'env', apiKey: 'another-key' });
      vi.stubEnv(name, '127.0.0.1,localhost');
      await bench.open({ proxy: 'env', tls: CA });
      expect(proxy.requests).toEqual([]);
    },
    CHILD,
  );

  test('a variable that is no proxy is refused, and not shown', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    vi.stubEnv('https_proxy', `socks5://${CREDENTIALS}@127.0.0.1:1080`);
    const message =
      "proxy is 'env', and HTTPS_PROXY is a SOCKS proxy; allowed: an http: or https: URL of a proxy";
    expect(() => bench.ticker({ proxy: 'env' })).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'proxy', message }) as Error,
    );
  });

  test(
    'variables that change count from the next dial on, and what is no proxy then ends that try (starts a child)',
    async () => {
      await using bench = await openBench({ tls: SELF_SIGNED });
      await using proxy = await ProxyProcess.start();
      for (const other of ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(other, '');
      const { ticker, messages } = await bench.open({ proxy: 'env', tls: CA });
      vi.stubEnv('HTTPS_PROXY', 'socks5://127.0.0.1:1080');
      bench.simulator.drop();
      await eventually(() =>
        expect(ofType(messages, 'state').at(-1)?.error?.message).toContain(
          'HTTPS_PROXY names is a SOCKS proxy',
        ),
      );
      vi.stubEnv('HTTPS_PROXY', proxy.url());
      await eventually(() => expect(ticker.isConnected()).toBe(true));
      await eventually(() => expect(proxy.requests).toHaveLength(1));
    },
    CHILD,
  );
});
