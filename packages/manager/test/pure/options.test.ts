import { describe, expect, test } from 'vitest';
import { wsTransport } from '@kite/connection';
import { KiteTickerManager, type ManagerConfig, type ManagerOptions, Mode, presets } from '@kite/manager';

import { CONNECTION_DEFAULTS } from '../../src/connection-parts.js';
import { MANAGER_DEFAULTS, MANAGER_RULES, resolveManagerOptions } from '../../src/options.js';

const CREDENTIALS = { apiKey: 'key', accessToken: 'token' };

function refusalOf(options: ManagerConfig | Record<string, unknown>): {
  code: string;
  field: string;
  message: string;
  value: unknown;
} {
  let refused: unknown;
  try {
    new KiteTickerManager({ ...CREDENTIALS, ...options });
  } catch (error) {
    refused = error;
  }
  return refused as { code: string; field: string; message: string; value: unknown };
}

describe('the defaults', () => {
  test('are those of the documentation', () => {
    const { clock, random, transport, ...plain } = resolveManagerOptions(CREDENTIALS);
    expect(plain).toEqual({
      ...CREDENTIALS,
      url: 'wss://ws.kite.trade/',
      allowInsecure: false,
      connectionTimeoutMs: 30_000,
      heartbeatLivenessThresholdMs: 10_000,
      reconnectDelayMs: 2000,
      maxReconnectDelayMs: 30_000,
      maxReconnectAttempts: Infinity,
      stableAfterMs: 5000,
      rateLimitDelayMs: 60_000,
      unauthorizedRetryDelayMs: 60_000,
      defaultMode: 'quote',
      maxPayloadBytes: 1024 * 1024,
      rawOnly: false,
      divisors: {},
      connectionBufferSize: 5000,
      parserBufferSize: 10_000,
      capacityTicks: 100_000,
      capacityBytes: 64 * 1024 * 1024,
      maxConnections: 3,
      maxSymbolsPerConnection: 3000,
      distribution: 'round-robin',
      enableDedicatedParsers: true,
      ioThreads: 1,
      ringBytes: 8 * 1024 * 1024,
      latency: 'balanced',
      healthCheckIntervalMs: 10_000,
      failoverAfterMs: 15_000,
      lastTicks: false,
    });
    expect({ clock, random, transport }).toEqual({
      clock: CONNECTION_DEFAULTS.clock,
      random: CONNECTION_DEFAULTS.random,
      transport: CONNECTION_DEFAULTS.transport,
    });
  });

  test('hold for an option that is undefined', () => {
    const blank = Object.fromEntries(Object.keys(MANAGER_RULES).map((option) => [option, undefined]));
    expect(resolveManagerOptions({ ...CREDENTIALS, ...blank })).toEqual(resolveManagerOptions(CREDENTIALS));
  });

  test('cannot be changed by anyone who gets hold of them', () => {
    expect(Object.isFrozen(MANAGER_DEFAULTS)).toBe(true);
    expect(Object.isFrozen(presets)).toBe(true);
    expect(Object.isFrozen(presets.development)).toBe(true);
    expect(Object.isFrozen(presets.production)).toBe(true);
  });
});

describe('an option', () => {
  const durations = [
    ...['connectionTimeoutMs', 'heartbeatLivenessThresholdMs', 'reconnectDelayMs', 'maxReconnectDelayMs'],
    ...[
      'stableAfterMs',
      'rateLimitDelayMs',
      'unauthorizedRetryDelayMs',
      'healthCheckIntervalMs',
      'failoverAfterMs',
    ],
  ];
  const wrong: [string, unknown][] = [
    ...durations.flatMap((field) =>
      [0, -1, Number.NaN, Infinity, '50', null].map((value): [string, unknown] => [field, value]),
    ),
    ...['maxConnections', 'ioThreads'].flatMap((field) =>
      [0, 4, 1.5, '3', Number.NaN].map((value): [string, unknown] => [field, value]),
    ),
    ...[0, 3001, 2.5, -1].map((value): [string, unknown] => ['maxSymbolsPerConnection', value]),
    ...[0, 1000, 1.5, Infinity].map((value): [string, unknown] => ['ringBytes', value]),
    ...['low', 'LOWEST', 1, null].map((value): [string, unknown] => ['latency', value]),
    ...['random', 'ROUND-ROBIN', null].map((value): [string, unknown] => ['distribution', value]),
    ...['allowInsecure', 'rawOnly', 'enableDedicatedParsers', 'lastTicks'].flatMap((field) =>
      [1, 'true', null].map((value): [string, unknown] => [field, value]),
    ),
    ...[
      'maxPayloadBytes',
      'connectionBufferSize',
      'parserBufferSize',
      'capacityTicks',
      'capacityBytes',
    ].flatMap((field) => [0, -1, 1.5, Infinity].map((value): [string, unknown] => [field, value])),
    ['maxReconnectAttempts', -1],
    ['maxReconnectAttempts', 1.5],
    ['defaultMode', 'depth'],
    ['workerUrl', 'not a url'],
    ['workerUrl', 5],
    ['clock', {}],
    ['random', 4],
    ['transport', {}],
    ['localAddress', 'eth0'],
    ['family', 5],
    ['divisors', { 256: 100 }],
  ];

  test.each(wrong)('%s refuses %s, and says what is allowed', (field, value) => {
    expect(refusalOf({ [field]: value })).toMatchObject({
      code: 'KITE_MANAGER_INVALID_OPTION',
      field,
      value,
      allowed: expect.any(String) as unknown,
    });
  });

  test.each([
    ['maxConection', 'maxConnections'],
    ['max_connections', 'maxConnections'],
    ['failOverAfterMs', 'failoverAfterMs'],
    ['enableDedicatedParser', 'enableDedicatedParsers'],
    ['apikey', 'apiKey'],
    ['healthCheckInterval', 'healthCheckIntervalMs'],
  ])('that is unknown, %s, is refused with the nearest known one, %s', (unknown, nearest) => {
    const { code, field, message, value } = refusalOf({ [unknown]: 'a-secret-perhaps' });
    expect({ code, field }).toEqual({ code: 'KITE_MANAGER_INVALID_OPTION', field: unknown });
    expect(message).toContain(`did you mean ${nearest}?`);
    expect(`${message}${String(value)}`).not.toContain('a-secret-perhaps');
  });

  test.each([
    [{ reconnectDelayMs: 100, maxReconnectDelayMs: 50 }, 'maxReconnectDelayMs'],
    [{ rawOnly: true, lastTicks: true }, 'lastTicks'],
    [{ proxy: 'http://127.0.0.1:1', transport: wsTransport }, 'proxy'],
    [{ tls: {}, transport: wsTransport }, 'tls'],
    [{ localAddress: '127.0.0.1', transport: wsTransport }, 'localAddress'],
    [{ family: 4, transport: wsTransport }, 'family'],
    [{ family: 6, localAddress: '127.0.0.1' }, 'localAddress'],
  ])('that does not go together with another, %j, is refused', (options, field) => {
    expect(refusalOf(options)).toMatchObject({ code: 'KITE_MANAGER_INVALID_OPTION', field });
  });

  test.each([50, 0.5, 10 ** 9])('of a duration takes %s', (value) => {
    for (const field of durations)
      expect(refusalOf({ [field]: value, ...order(field, value) })).toBeUndefined();
  });

  /** The two delays of the backoff depend on each other. */
  function order(field: string, value: number): ManagerConfig {
    return field === 'maxReconnectDelayMs' ? { reconnectDelayMs: value } : {};
  }
});

describe('credentials', () => {
  test.each([
    [{ apiKey: '' }, 'apiKey'],
    [{ apiKey: '   ' }, 'apiKey'],
    [{ apiKey: 5 }, 'apiKey'],
    [{ apiKey: undefined }, 'apiKey'],
    [{ accessToken: '' }, 'accessToken'],
    [{ accessToken: undefined }, 'accessToken'],
    [{ accessToken: ['a-secret'] }, 'accessToken'],
  ])('%j are refused', (options, field) => {
    const refused = refusalOf(options);
    expect(refused).toMatchObject({ code: 'KITE_MANAGER_INVALID_OPTION', field });
    expect(JSON.stringify(refused)).not.toContain('a-secret');
  });

  test('can be given first, as in the README of the crate, and are checked in the same way', () => {
    expect(new KiteTickerManager('key', 'token', { maxConnections: 1 }).getAllChannels()).toHaveLength(1);
    expect(new KiteTickerManager('key', () => 'token').getAllChannels()).toHaveLength(3);
    const field = (make: () => unknown): unknown => {
      try {
        return make();
      } catch (error) {
        return (error as { field: string }).field;
      }
    };
    expect(field(() => new KiteTickerManager('', 'token'))).toBe('apiKey');
    expect(field(() => new KiteTickerManager('key', undefined as unknown as string))).toBe('accessToken');
    expect(field(() => new KiteTickerManager('key', 'token', { maxConnections: 9 }))).toBe('maxConnections');
    expect(field(() => new KiteTickerManager(undefined as unknown as ManagerOptions))).toBe('options');
    expect(field(() => new KiteTickerManager(null as unknown as ManagerOptions))).toBe('options');
  });

  test.each(['http://127.0.0.1/', 'not a url', ''])('are sent to no %s', (url) => {
    expect(refusalOf({ url })).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'url' });
  });

  test('are sent in plain text to no other machine, unless that is allowed', () => {
    expect(refusalOf({ url: 'ws://example.com/' })).toMatchObject({ code: 'KITE_CONNECTION_INSECURE_URL' });
    expect(refusalOf({ url: 'ws://example.com/', allowInsecure: true })).toBeUndefined();
    expect(refusalOf({ url: 'ws://127.0.0.1:9/' })).toBeUndefined();
  });
});

describe('the presets', () => {
  test('are the two blocks of the README of the crate, with a bound in ticks', () => {
    expect(presets.development).toEqual({
      maxConnections: 1,
      maxSymbolsPerConnection: 100,
      defaultMode: Mode.Full,
    });
    expect(presets.production).toEqual({
      maxConnections: 3,
      maxSymbolsPerConnection: 3000,
      connectionBufferSize: 20_000,
      parserBufferSize: 50_000,
      capacityTicks: 250_000,
      enableDedicatedParsers: true,
      defaultMode: Mode.LTP,
    });
  });

  test.each(Object.entries(presets))('%s is taken as it stands, and beside other options', (_, preset) => {
    expect(refusalOf({ ...preset, failoverAfterMs: 50 })).toBeUndefined();
  });
});

describe('the arguments of the constructor', () => {
  const Unchecked = KiteTickerManager as unknown as new (...args: unknown[]) => KiteTickerManager;
  const made = (...args: unknown[]) => new Unchecked(...args);

  test.each([
    ['null as the options', ['key', 'token', null], 'options'],
    ['a number as the options', ['key', 'token', 3], 'options'],
    ['an array as the options', ['key', 'token', []], 'options'],
    ['a second API key', ['key', 'token', { apiKey: 'other' }], 'apiKey'],
    ['options after an object that has all of them', [CREDENTIALS, { maxConnections: 1 }], 'options'],
    ['an access token after such an object', [CREDENTIALS, 'token'], 'options'],
    ['options in the third place after such an object', [CREDENTIALS, undefined, {}], 'options'],
  ])('are refused with %s, which would be ignored', (_, args, field) => {
    expect(() => made(...args)).toThrow(
      expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION', field }) as Error,
    );
  });

  test('may be undefined where they are not given', () => {
    expect(made('key', 'token', undefined)).toBeInstanceOf(KiteTickerManager);
    expect(made(CREDENTIALS, undefined, undefined)).toBeInstanceOf(KiteTickerManager);
  });
});
