import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isKiteError, KiteTickerManager } from '@kite/manager';
import {
  ACCESS_TOKEN,
  API_KEY,
  aWhile,
  collect,
  eventually,
  everyRendering,
  INFY,
  ofType,
  spellings,
  WAYS,
} from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';

const SECRETS = [...spellings(ACCESS_TOKEN), ...spellings(API_KEY)];

/** The secrets that come to light when this is printed, in whatever way. */
function leaks(value: unknown): string[] {
  const text = everyRendering(value);
  return SECRETS.filter((secret) => text.includes(secret));
}

describe.each(WAYS)('updateCredentials(), $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('is used from the next connect on, and open streams go on', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols([INFY]);
    bench.simulator.setAccessToken(API_KEY, 'of-today');
    await manager.updateCredentials({ accessToken: 'of-today' });
    expect(manager.getHealth().status).toBe('healthy');
    expect(bench.simulator.handshakes).toHaveLength(3);
    bench.simulator.drop();
    await eventually(() => expect(bench.simulator.handshakes.length).toBeGreaterThanOrEqual(6));
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    expect(new Set(bench.simulator.handshakes.map(({ status }) => status))).toEqual(new Set([101]));
  });

  test('opens connections again that the old token had cost', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols([INFY]);
    bench.simulator.setAccessToken(API_KEY, 'of-today');
    bench.simulator.drop();
    await eventually(() => {
      const states = manager.getStats().connectionStats.map(({ state }) => state);
      expect(states).toEqual(['failed', 'failed', 'failed']);
    });
    expect(manager.getHealth()).toMatchObject({ status: 'critical', unplacedSymbols: 1 });
    await manager.updateCredentials({ accessToken: () => Promise.resolve('of-today') });
    await eventually(() =>
      expect(manager.getHealth()).toMatchObject({ status: 'healthy', unplacedSymbols: 0 }),
    );
    await bench.agrees(manager);
  });

  test('may change the key as well', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.updateCredentials({ apiKey: 'another-key', accessToken: 'another' });
    bench.simulator.drop();
    await eventually(() => {
      const keys = bench.simulator.connections.map(({ apiKey }) => apiKey);
      expect(keys).toEqual(Array(3).fill('another-key'));
    });
  });

  test('before start() and while stopped is used by the next start()', async () => {
    await using bench = await open();
    bench.simulator.setAccessToken(API_KEY, 'of-today');
    const manager = bench.manager();
    await manager.updateCredentials({ accessToken: 'of-today' });
    await manager.start();
    await manager.stop();
    bench.simulator.setAccessToken(API_KEY, 'of-tomorrow');
    await manager.updateCredentials({ accessToken: 'of-tomorrow' });
    await manager.start();
    expect(manager.getHealth().status).toBe('healthy');
  });

  test('that is refused, since the other key has connections already, changes nothing', async () => {
    await using bench = await open();
    const other = bench.manager({ apiKey: 'other', maxConnections: 2 });
    await other.start();
    const { manager } = await bench.start();
    bench.simulator.refuse(Infinity, 403, API_KEY);
    bench.simulator.drop(API_KEY);
    const states = (): string[] => manager.getStats().connectionStats.map(({ state }) => state);
    await eventually(() => expect(states()).toEqual(Array(3).fill('failed')));
    bench.simulator.heal();
    await expect(
      manager.updateCredentials({ apiKey: 'other', accessToken: 'token-of-the-other' }),
    ).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    await aWhile();
    expect(states()).toEqual(Array(3).fill('failed'));
    expect(bench.simulator.connections.map(({ apiKey }) => apiKey)).toEqual(['other', 'other']);
    await manager.updateCredentials({ accessToken: 'fresh' });
    await eventually(() => expect(states()).toEqual(Array(3).fill('open')));
    expect(bench.simulator.handshakes.at(-1)).toMatchObject({ apiKey: API_KEY });
  });

  test('keeps the places of the first key taken, while its sockets are open', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.updateCredentials({ apiKey: 'another-key', accessToken: 'another' });
    const fourth = bench.manager({ maxConnections: 1 });
    await expect(fourth.start()).rejects.toMatchObject({
      reasons: [{ code: 'KITE_CONNECTION_LIMIT_REACHED' }],
    });
    bench.simulator.drop();
    await eventually(() => {
      const keys = bench.simulator.connections.map(({ apiKey }) => apiKey);
      expect(keys).toEqual(Array(3).fill('another-key'));
    });
    await fourth.start();
  });

  test.each([{ accessToken: '' }, { accessToken: 5 }, {}, { apiKey: '', accessToken: 'token' }])(
    'refuses %j, and shows nothing of it',
    async (wrong) => {
      await using bench = await open();
      const manager = bench.manager();
      await expect(manager.updateCredentials(wrong as { accessToken: string })).rejects.toMatchObject({
        code: 'KITE_MANAGER_INVALID_OPTION',
      });
    },
  );
});

describe.each(WAYS)('a token provider, $way', ({ enableDedicatedParsers }) => {
  test('that fails is asked again until it has a token, whether it throws or rejects', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    let asked = 0;
    const shut = new Error('the vault is shut');
    const manager = bench.manager({
      accessToken: () => {
        asked++;
        if (asked === 1) throw shut;
        return asked === 2 ? Promise.reject(shut) : 'token';
      },
      maxConnections: 1,
    });
    const messages = collect(manager.getUnifiedChannel());
    await manager.start({ keepTrying: true });
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    expect(asked).toBe(3);
    const failures = ofType(messages, 'state').flatMap(({ error }) => error ?? []);
    expect(failures.map(({ code }) => code)).toEqual(Array(2).fill('KITE_CONNECTION_TOKEN_FAILED'));
  });

  test('has one call under way, also while the same one is passed again', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const answers: ((token: string) => void)[] = [];
    let isShut = true;
    const accessToken = (): string | Promise<string> =>
      isShut ? new Promise((resolve) => answers.push(resolve)) : 'token';
    const manager = bench.manager({ accessToken });
    const started = manager.start();
    await eventually(() => expect(answers).toHaveLength(1));
    await manager.updateCredentials({ accessToken });
    await aWhile();
    expect(answers).toHaveLength(1);
    isShut = false;
    answers[0]!('token');
    await started;
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
  });

  test('is asked again for a reconnect, and its new token is used', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    let token = 'of-monday';
    const { manager } = await bench.start({ accessToken: () => token });
    token = 'of-tuesday';
    bench.simulator.setAccessToken(API_KEY, token);
    bench.simulator.drop();
    await eventually(() =>
      expect(manager.getStats().connectionStats.map(({ reconnects }) => reconnects)).toEqual([1, 1, 1]),
    );
    expect(bench.simulator.handshakes.map(({ status }) => status)).toEqual(Array(6).fill(101));
  });
});

describe.each(WAYS)('no secret comes to light, $way', ({ enableDedicatedParsers }) => {
  test('in a manager, before, while and after it is connected, or in what it says', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const manager = bench.manager({ lastTicks: true });
    const items = collect(manager.getUnifiedChannel());
    const everything = (): unknown[] => [
      manager,
      manager.getStats(),
      manager.getHealth(),
      manager.getProcessorStats(),
      manager.getSymbolDistribution(),
      manager.getUnifiedChannel(),
      manager.getAllRawFrameChannels(),
      items,
    ];
    expect(leaks(everything())).toEqual([]);
    await manager.subscribeSymbols([INFY]);
    await manager.start();
    await eventually(() => expect(manager.getLastTick(INFY)).toBeDefined());
    expect(leaks(everything())).toEqual([]);
    bench.simulator.refuse(3, 503);
    bench.simulator.drop();
    await eventually(() => expect(manager.getStats().totalErrors).toBeGreaterThan(3));
    expect(leaks(everything())).toEqual([]);
    bench.simulator.setAccessToken(API_KEY, 'another');
    bench.simulator.drop();
    await eventually(() =>
      expect(manager.getStats().connectionStats.map(({ state }) => state)).toEqual(Array(3).fill('failed')),
    );
    expect(ofType(items, 'state').some(({ error }) => error?.code === 'KITE_CONNECTION_UNAUTHORIZED')).toBe(
      true,
    );
    expect(leaks(everything())).toEqual([]);
  });

  test('in the errors of start(), with all their reasons, or in the health', async () => {
    await using bench = await openBench({ enableDedicatedParsers });
    const failures: unknown[] = [];
    for (const status of [403, 400, 429, 500]) {
      bench.simulator.refuse(Infinity, status);
      const manager = bench.manager();
      failures.push(await manager.start().catch((error: unknown) => error), manager.getHealth());
      bench.simulator.heal();
    }
    expect(failures.filter((failure) => isKiteError(failure, 'KITE_MANAGER_START_FAILED'))).toHaveLength(4);
    // A provider that quotes the token that it gave before; on a server that no late handshake of the others reaches.
    await using fresh = await openBench({ enableDedicatedParsers });
    let asked = 0;
    fresh.simulator.refuse(1, 403);
    const quoting = fresh.manager({
      maxConnections: 1,
      accessToken: () =>
        asked++ === 0 ? ACCESS_TOKEN : Promise.reject(new Error(`no ${ACCESS_TOKEN} for ${API_KEY}`)),
    });
    const said = collect(quoting.getUnifiedChannel());
    await quoting.start({ keepTrying: true });
    await eventually(() => {
      const codes = ofType(said, 'state').map(({ error }) => error?.code);
      expect(codes).toContain('KITE_CONNECTION_TOKEN_FAILED');
    });
    failures.push(said);
    await quoting.stop();
    const { port } = new URL(bench.simulator.url);
    const unreachable = bench.manager({ url: `ws://127.0.0.1:${port}/` });
    await bench.simulator.pause();
    failures.push(await unreachable.start().catch((error: unknown) => error));
    expect(leaks(failures)).toEqual([]);
  });
});

test('a manager prints as what it is', () => {
  const manager = new KiteTickerManager({ apiKey: API_KEY, accessToken: ACCESS_TOKEN });
  expect(inspect(manager)).toBe('KiteTickerManager { connections: [idle, idle, idle], symbols: 0 }');
  expect(Object.keys(JSON.parse(JSON.stringify(manager)) as object)).toEqual(['health', 'stats']);
  expect(leaks(KiteTickerManager.builder(API_KEY, ACCESS_TOKEN))).toEqual([]);
});
