import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { everyRendering, spellings } from './support/secrets.js';
import { eventually, INFY, openBench, type SocketBench } from './support/socket-bench.js';

const apiKey = 'kq8zj3vx+key/of=mine';
const accessToken = 'Zt0Wm5 token+with/reserved=?&chars';

const DIAGNOSTICS = ['open', 'close', 'reconnect', 'lag'].map((name) => `kite:connection:${name}`);
const published: unknown[] = [];
const onPublished = (event: unknown): void => void published.push(event);
beforeEach(() => {
  for (const name of DIAGNOSTICS) subscribe(name, onPublished);
});
afterEach(() => {
  for (const name of DIAGNOSTICS) unsubscribe(name, onPublished);
  published.length = 0;
});

/** What happens to a connection, and what state it is then in. */
const LIVES: [string, (bench: SocketBench) => Promise<unknown>, Partial<Record<string, unknown>>][] = [
  ['is open', async () => undefined, {}],
  [
    'is refused with 403',
    async ({ simulator }) => {
      simulator.refuse(1, 403);
      simulator.drop();
    },
    {},
  ],
  ['is refused with 400', async ({ simulator }) => (simulator.refuse(1, 400), simulator.drop()), {}],
  ['is refused with 429', async ({ simulator }) => (simulator.refuse(3, 429), simulator.drop()), {}],
  ['finds nobody there (ECONNREFUSED)', async ({ simulator }) => simulator.pause(), {}],
  ['is sent garbage', async ({ simulator }) => simulator.sendBinary(new Uint8Array(300).fill(7)), {}],
  [
    'is sent too much',
    async ({ simulator }) => simulator.sendBinary(new Uint8Array(70_000)),
    { maxPayloadBytes: 65_536 },
  ],
  ['falls silent', async ({ simulator }) => simulator.stall(), { heartbeatLivenessThresholdMs: 50 }],
  [
    'is closed with a reason that quotes them',
    async ({ simulator }) => simulator.close(4000, `${apiKey}:${accessToken}`),
    {},
  ],
];

describe('the api key and the access token stand in no output when the connection', () => {
  it.each(LIVES)('%s', async (_what, happen, options) => {
    await using bench = await openBench();
    const ticker = bench.ticker({ apiKey, accessToken, ...options });
    const told: unknown[] = [];
    const types = [
      'ticks',
      'order',
      'error',
      'message',
      'state',
      'gap',
      'lagged',
      'issue',
      'unknown',
      'frame',
    ] as const;
    for (const type of types) ticker.on(type, (event) => told.push(event));
    await ticker.subscribe([INFY]);
    const opened = ticker.connect();
    await opened;
    await happen(bench);
    const before = told.length;
    await eventually(() => expect(told.length).toBeGreaterThan(before + 1));
    const unopened = await ticker.connect({ signal: AbortSignal.abort() }).catch((error: unknown) => error);
    const rendered = [
      ...[ticker, told, published, unopened, ticker.getStats(), ticker.messages(), ticker.subscriptions].map(
        everyRendering,
      ),
    ].join('\n');
    for (const secret of [apiKey, accessToken])
      for (const spelling of spellings(secret)) expect(rendered).not.toContain(spelling);
    // It is shown at all, and what is shown is of use.
    expect(rendered).toContain('KiteTicker {');
    expect(rendered).toContain('connecting');
  });
});

describe('an error', () => {
  it('of connect() shows neither after 403, nor does any of its causes', async () => {
    await using bench = await openBench({ accounts: [{ apiKey, accessToken: 'another' }] });
    const error: unknown = await bench
      .ticker({ apiKey, accessToken })
      .connect()
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED' });
    const rendered = everyRendering(error);
    for (const secret of [apiKey, accessToken])
      for (const spelling of spellings(secret)) expect(rendered).not.toContain(spelling);
  });

  it('of a token provider is told without the token of before, the key, and what libraries hang on their errors', async () => {
    await using bench = await openBench();
    let calls = 0;
    const errors: unknown[] = [];
    const ticker = bench.ticker({
      apiKey,
      accessToken: () => {
        if (++calls === 1) return accessToken;
        throw Object.assign(new Error(`GET /vault?key=${encodeURIComponent(apiKey)} had ${accessToken}`), {
          config: { headers: { authorization: `token ${apiKey}:${accessToken}` } },
          code: 'ERR_BAD_RESPONSE',
        });
      },
    });
    ticker.on('state', ({ error }) => error && errors.push(error));
    await ticker.connect();
    bench.simulator.drop();
    await eventually(() => expect(errors.length).toBeGreaterThan(2));
    expect(errors.at(-1)).toMatchObject({
      code: 'KITE_CONNECTION_TOKEN_FAILED',
      cause: { code: 'ERR_BAD_RESPONSE' },
    });
    const rendered = everyRendering(errors);
    for (const secret of [apiKey, accessToken])
      for (const spelling of spellings(secret)) expect(rendered).not.toContain(spelling);
  });
});
