import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { KiteInputError, KiteTicker, type TickerOptions } from '@kite/connection';
import { VirtualClock } from '@kite/testkit';

import { CONNECTION_DEFAULTS, resolveTickerOptions } from '../../src/options.js';

const REQUIRED = { apiKey: 'the-key', accessToken: 'the-token' };

/** As documented, in full: a default that changes has to be changed here too. */
const DEFAULTS = {
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
  maxPayloadBytes: 1_048_576,
  rawOnly: false,
  divisors: {},
  connectionBufferSize: 5000,
  parserBufferSize: 10_000,
  capacityTicks: 100_000,
  capacityBytes: 67_108_864,
};

const DURATION = [
  'connectionTimeoutMs',
  'heartbeatLivenessThresholdMs',
  'reconnectDelayMs',
  'maxReconnectDelayMs',
  'stableAfterMs',
  'rateLimitDelayMs',
  'unauthorizedRetryDelayMs',
];
const COUNT = [
  'maxPayloadBytes',
  'connectionBufferSize',
  'parserBufferSize',
  'capacityTicks',
  'capacityBytes',
];
const SWITCH = ['allowInsecure', 'rawOnly'];

function make(options: Record<string, unknown>): KiteTicker {
  return new KiteTicker({ ...REQUIRED, ...options });
}

function refused(options: unknown): KiteInputError {
  try {
    new KiteTicker(options as TickerOptions);
  } catch (error) {
    if (error instanceof KiteInputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('every default is the documented one', () => {
  const { clock, random, transport, ...plain } = CONNECTION_DEFAULTS;
  expect(plain).toEqual(DEFAULTS);
  expect([typeof clock.monotonic, typeof random, typeof transport.open]).toEqual([
    'function',
    'function',
    'function',
  ]);
});

test('with the credentials alone, every option has its default', () => {
  expect(resolveTickerOptions(REQUIRED)).toEqual({ ...CONNECTION_DEFAULTS, ...REQUIRED });
});

test('an option that is undefined counts as absent', () => {
  const options = { ...REQUIRED, url: undefined, reconnectDelayMs: undefined } as unknown as TickerOptions;
  expect(resolveTickerOptions(options)).toEqual({ ...CONNECTION_DEFAULTS, ...REQUIRED });
});

test('no default can be changed by anybody', () => {
  expect(Object.isFrozen(CONNECTION_DEFAULTS)).toBe(true);
});

const DURATION_RULE = 'a finite positive number of milliseconds';

const DIVISORS = 'an object of positive finite numbers by segment from 0 to 255, as { 13: 10000 }';

const INVALID: { field: string; value: unknown; allowed: string }[] = [
  ...DURATION.flatMap((field) =>
    [0, -1, NaN, Infinity, '50', null, 50n].map((value) => ({ field, value, allowed: DURATION_RULE })),
  ),
  ...COUNT.flatMap((field) =>
    [0, -1, 1.5, NaN, Infinity, '5', null].map((value) => ({ field, value, allowed: 'a positive integer' })),
  ),
  ...SWITCH.flatMap((field) =>
    [0, 1, 'true', null].map((value) => ({ field, value, allowed: 'true or false' })),
  ),
  ...[-1, 1.5, NaN, -Infinity, '5', null].map((value) => ({
    ...{ field: 'maxReconnectAttempts', value, allowed: 'an integer of 0 or more, or Infinity' },
  })),
  ...['Quote', 'LTP', 'tick', '', 1, null].map((value) => ({
    ...{ field: 'defaultMode', value, allowed: "'ltp', 'quote', 'full'" },
  })),
  {
    field: 'clock',
    value: Date,
    allowed: 'an object with the methods now, monotonic, setTimeout, clearTimeout',
  },
  {
    field: 'clock',
    value: { now: () => 0 },
    allowed: 'an object with the methods now, monotonic, setTimeout, clearTimeout',
  },
  {
    field: 'clock',
    value: null,
    allowed: 'an object with the methods now, monotonic, setTimeout, clearTimeout',
  },
  ...[null, 10_000, [], [100], new Map([[13, 10_000]])].map((value) => ({
    ...{ field: 'divisors', value, allowed: DIVISORS },
  })),
  { field: 'random', value: 0.5, allowed: 'a function' },
  { field: 'transport', value: {}, allowed: 'an object with the methods open' },
];

describe('an invalid value is refused, naming the option, the value and what is allowed', () => {
  test.each(INVALID)('$field: $value', ({ field, value, allowed }) => {
    const error = refused({ ...REQUIRED, [field]: value });
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field, value, allowed });
    expect(error.message).toContain(field);
    expect(error.message).toContain(allowed);
  });

  test.each([undefined, null, 42, 'options', []])('the options: %j', (options) => {
    expect(refused(options)).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'options' });
  });

  test.each([42, new URL('wss://ws.kite.trade/'), null])('url: %s', (url) => {
    expect(refused({ ...REQUIRED, url })).toMatchObject({
      ...{ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'url', allowed: 'a ws: or wss: URL' },
    });
  });
});

describe('every option takes what it should', () => {
  test.each(DURATION)('%s: any finite positive number', (field) => {
    for (const value of [0.001, 50, 1e9])
      expect(() => make({ [field]: value, ...room(field, value) })).not.toThrow();
  });

  /** The longest delay has to be as long as the shortest. */
  function room(field: string, value: number): Record<string, number> {
    return field === 'maxReconnectDelayMs' ? { reconnectDelayMs: value } : {};
  }

  test.each([0, 1, 5, Infinity])('maxReconnectAttempts: %s', (maxReconnectAttempts) => {
    expect(() => make({ maxReconnectAttempts })).not.toThrow();
  });

  test.each(['ltp', 'quote', 'full'])('defaultMode: %s', (defaultMode) => {
    expect(() => make({ defaultMode })).not.toThrow();
  });
});

describe('divisors', () => {
  test.each([
    [{ 256: 100 }, 'has "256" for a segment'],
    [{ '-1': 100 }, 'has "-1" for a segment'],
    [{ NCO: 100 }, 'has "NCO" for a segment'],
    [{ 1: 100, 13: 0 }, 'has 0 for segment 13'],
    [{ 13: '10000' }, 'has "10000" for segment 13'],
    [{ 13: NaN }, 'has NaN for segment 13'],
    [{ 13: Infinity }, 'has Infinity for segment 13'],
  ])('%j are refused, and the error names the entry', (divisors, flaw) => {
    const error = refused({ ...REQUIRED, divisors });
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'divisors' });
    expect(error.message).toBe(`divisors ${flaw}; allowed: ${DIVISORS}`);
  });

  test('that are changed afterwards change nothing', () => {
    const divisors: Record<number, number> = { 13: 10_000 };
    const resolved = resolveTickerOptions({ ...REQUIRED, divisors });
    divisors[13] = 1;
    expect(resolved.divisors).toEqual({ 13: 10_000 });
  });
});

describe('the delays agree', () => {
  test('a longer first delay alone raises the longest with it', () => {
    expect(resolveTickerOptions({ ...REQUIRED, reconnectDelayMs: 45_000 }).maxReconnectDelayMs).toBe(45_000);
    expect(resolveTickerOptions({ ...REQUIRED, reconnectDelayMs: 50 }).maxReconnectDelayMs).toBe(30_000);
  });

  test('a shorter longest delay alone lowers the first with it', () => {
    expect(resolveTickerOptions({ ...REQUIRED, maxReconnectDelayMs: 50 }).reconnectDelayMs).toBe(50);
    expect(resolveTickerOptions({ ...REQUIRED, maxReconnectDelayMs: 9000 }).reconnectDelayMs).toBe(2000);
  });

  test('a longest delay below the shortest is refused, and the error names both', () => {
    expect(refused({ ...REQUIRED, reconnectDelayMs: 2000, maxReconnectDelayMs: 1999 })).toMatchObject({
      code: 'KITE_CONNECTION_INVALID_OPTION',
      field: 'maxReconnectDelayMs',
      value: 1999,
      allowed: 'reconnectDelayMs (2000) or more',
    });
  });
});

describe('an unknown option', () => {
  test.each([
    ['maxReconnectAttemps', 'maxReconnectAttempts'],
    ['reconnectDelay', 'reconnectDelayMs'],
    ['access_token', 'accessToken'],
    ['apikey', 'apiKey'],
    ['heartbeatLivenessThreshold', 'heartbeatLivenessThresholdMs'],
  ])('%s is refused, with the nearest known one', (field, nearest) => {
    const error = refused({ ...REQUIRED, [field]: 'a-secret-perhaps' });
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field });
    expect(error.message).toContain(`did you mean ${nearest}?`);
    expect(inspect(error) + JSON.stringify(error)).not.toContain('a-secret-perhaps');
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is none that is known', (field) => {
    expect(refused(JSON.parse(`{"apiKey":"k","accessToken":"t","${field}":1}`))).toMatchObject({ field });
  });
});

describe('credentials', () => {
  test.each([
    ...['apiKey', 'accessToken'].flatMap((field) =>
      [undefined, null, '', '  ', 42, { secret: 'hush' }, ['hush']].map((value) => ({ field, value })),
    ),
    { field: 'apiKey', value: () => 'hush' },
  ])('$field: $value is refused and never shown', ({ field, value }) => {
    const error = refused({ ...REQUIRED, [field]: value });
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field });
    const shown = inspect(error, { depth: Infinity }) + JSON.stringify(error);
    for (const secret of ['hush', 'the-key', 'the-token']) expect(shown).not.toContain(secret);
  });

  test('the URL of an error shows no secret either', () => {
    const error = refused({ ...REQUIRED, url: 'https://ws.kite.trade/?access_token=hush' });
    expect(inspect(error) + JSON.stringify(error)).not.toContain('hush');
  });

  test('a provider is a function, and is not called before it is needed', () => {
    const provider = (): string => {
      throw new Error('too early');
    };
    expect(() => make({ accessToken: provider, clock: new VirtualClock() })).not.toThrow();
  });
});
