import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TickerOptions } from '@kite/connection';
import type { Simulator } from '@kite/simulator';
import { eventually, everyRendering, INFY, spellings } from '@kite/testkit';

import { type ConnectionBench, openBench } from '../support/connection-bench.js';

const apiKey = 'kq8zj3vx+key/of=mine';
const accessToken = 'Zt0Wm5-token+with/reserved=?&chars';

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

/** The next so many connects are refused, and the connection is reset. */
function refuseNext(simulator: Simulator, count: number, status: number): void {
  simulator.refuse(count, status);
  simulator.drop();
}

/** What happens to a connection, and a word by which it shows that it has happened. */
const LIVES: [
  what: string,
  happen: (bench: ConnectionBench) => unknown,
  sign: string,
  options?: Partial<TickerOptions>,
][] = [
  ['is open', () => undefined, 'instruments-meta'],
  ['is refused with 403', ({ simulator }) => refuseNext(simulator, 1, 403), 'UNAUTHORIZED'],
  ['is refused with 400', ({ simulator }) => refuseNext(simulator, 1, 400), 'HTTP 400'],
  ['is refused with 429', ({ simulator }) => refuseNext(simulator, 3, 429), 'RATE_LIMITED'],
  ['finds nobody there', ({ simulator }) => simulator.pause(), 'ECONNREFUSED'],
  ['is sent garbage', ({ simulator }) => simulator.sendBinary(new Uint8Array(300).fill(7)), 'truncated'],
  [
    'is sent too much',
    ({ simulator }) => simulator.sendBinary(new Uint8Array(70_000)),
    'payload',
    { maxPayloadBytes: 65_536 },
  ],
  ['falls silent', ({ simulator }) => simulator.stall(), 'SILENT', { heartbeatLivenessThresholdMs: 250 }],
  [
    'is closed with a reason that quotes them',
    ({ simulator }) => simulator.close(4000, `${apiKey}:${accessToken}`),
    'redacted',
  ],
];

const TYPES = [
  'ticks',
  'order',
  'error',
  'message',
  'state',
  'gap',
  'instruments-meta',
  'lagged',
  'issue',
  'unknown',
  'frame',
] as const;

describe('the api key and the access token stand in no output when the connection', () => {
  test.each(LIVES)('%s', async (_what, happen, sign, options) => {
    await using bench = await openBench();
    const ticker = bench.ticker({ apiKey, accessToken, ...options });
    const told: unknown[] = [];
    for (const type of TYPES) ticker.on(type, (event) => told.push(event));
    await ticker.subscribe([INFY]);
    await ticker.connect();
    await happen(bench);
    await eventually(() => expect(JSON.stringify(told)).toContain(sign));
    const unopened: unknown = await ticker
      .connect({ signal: AbortSignal.abort() })
      .catch((error: unknown) => error);
    const rendered = [ticker, told, published, unopened, ticker.getStats(), ticker.messages()]
      .map(everyRendering)
      .join('\n');
    for (const secret of [apiKey, accessToken])
      for (const spelling of spellings(secret)) expect(rendered).not.toContain(spelling);
    expect(rendered).toContain(`KiteTicker { state: '${ticker.state}', subscriptions: 1 }`);
  });
});

describe('an error', () => {
  test('of connect() shows neither after 403, nor does any of its causes', async () => {
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

  test('of a token provider is told without the token of before, the key, and what libraries hang on their errors', async () => {
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
