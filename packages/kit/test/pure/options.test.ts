import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { nearestName } from '../../src/nearest-name.js';
import {
  checkOptions,
  oneOf,
  type OptionRule,
  optionRules,
  type Refused,
  withMethods,
} from '../../src/options.js';

class InputError extends Error implements Refused {
  readonly code: string;
  readonly field: string;
  readonly value: unknown;
  readonly allowed: string;

  constructor(code: string, { field, value, allowed }: Refused, message = `${field}: ${allowed}`) {
    super(message);
    this.code = code;
    this.field = field;
    this.value = value;
    this.allowed = allowed;
  }
}

const RULES = {
  url: optionRules.secret,
  reconnectDelayMs: optionRules.durationMs,
  maxReconnectDelayMs: optionRules.durationMs,
  maxConnections: optionRules.positiveInteger,
  rawOnly: optionRules.boolean,
  distribution: oneOf('round-robin', 'least-loaded'),
  accessToken: optionRules.secret,
  clock: withMethods('now', 'setTimeout'),
} satisfies Record<string, OptionRule>;

function refusal(options: unknown): InputError {
  try {
    checkOptions(InputError, 'TEST_INVALID_OPTION', options, RULES);
  } catch (error) {
    if (error instanceof InputError && error.code === 'TEST_INVALID_OPTION') return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('checkOptions', () => {
  test.each([
    ['my-access-token'],
    [['my-api-key', 'my-access-token']],
    [new Map([['apiKey', 'my-api-key']])],
    [() => 'my-access-token'],
  ])('shows nothing of what stands where the options belong: it may be a secret', (options) => {
    const error = refusal(options);
    expect(error).toMatchObject({ field: 'options', value: '(not shown)', allowed: 'an object' });
    expect(inspect(error, { depth: null }) + JSON.stringify(error)).not.toMatch(/my-/);
  });

  test('refuses an option that is inherited or hidden, since a copy of the options would lack it', () => {
    class Config {
      reconnectDelayMs = 10;
      get url(): string {
        return `wss://my-url?after=${this.reconnectDelayMs}`;
      }
    }
    const hidden = Object.defineProperty({}, 'url', { value: 'wss://my-url' });
    for (const options of [new Config(), Object.create({ url: 'wss://my-url' }), hidden]) {
      const error = refusal(options);
      expect(error).toMatchObject({ field: 'url', value: '(not shown)' });
      expect(error.message).not.toMatch(/my-/);
    }
    expect(() =>
      checkOptions(InputError, 'TEST_INVALID_OPTION', Object.create({ url: undefined }), RULES),
    ).not.toThrow();
  });

  test('accepts what the rules accept, and undefined as absent', () => {
    const clock = { now: () => 0, setTimeout: () => 0 };
    expect(() =>
      checkOptions(
        InputError,
        'TEST_INVALID_OPTION',
        { reconnectDelayMs: 0.5, rawOnly: undefined, clock },
        RULES,
      ),
    ).not.toThrow();
    expect(() => checkOptions(InputError, 'TEST_INVALID_OPTION', {}, RULES)).not.toThrow();
  });

  test.each([
    ['reconnectDelayMs', 0, 'a finite positive number of milliseconds'],
    ['reconnectDelayMs', -1, 'a finite positive number of milliseconds'],
    ['reconnectDelayMs', Infinity, 'a finite positive number of milliseconds'],
    ['reconnectDelayMs', Number.NaN, 'a finite positive number of milliseconds'],
    ['reconnectDelayMs', '2000', 'a finite positive number of milliseconds'],
    ['maxConnections', 1.5, 'a positive integer'],
    ['maxConnections', 2 ** 60, 'a positive integer'],
    ['rawOnly', 'true', 'true or false'],
    ['rawOnly', null, 'true or false'],
    ['distribution', 'random', "'round-robin', 'least-loaded'"],
    ['clock', { now: () => 0 }, 'an object with the methods now, setTimeout'],
    ['clock', null, 'an object with the methods now, setTimeout'],
  ])('refuses %s = %j by name, value and what is allowed', (field, value, allowed) => {
    const error = refusal({ [field]: value });
    expect({ field: error.field, value: error.value, allowed: error.allowed }).toEqual({
      field,
      value,
      allowed,
    });
    expect(error.message).toContain(field);
    expect(error.message).toContain(allowed);
  });

  test('never shows a secret, neither under its own name nor under a mistyped one', () => {
    const secret = '  ';
    for (const options of [{ accessToken: secret }, { acessToken: 'hunter2' }]) {
      const error = refusal(options);
      expect(error.value).toBe('(not shown)');
      expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('hunter2');
    }
  });

  test('suggests the nearest name for one that it does not know', () => {
    expect(refusal({ reconectDelay: 5 }).message).toBe(
      `unknown option reconectDelay; did you mean reconnectDelayMs? Allowed: ${Object.keys(RULES).join(', ')}`,
    );
  });

  test('suggests nothing where nothing is known', () => {
    expect(() => checkOptions(InputError, 'TEST_INVALID_OPTION', { a: 1 }, {})).toThrow(
      'unknown option a. Allowed: no option at all',
    );
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'does not take %s for an option',
    (name) => {
      const options = JSON.parse(`{"${name}": 1}`) as unknown;
      expect(refusal(options).field).toBe(name);
    },
  );

  test.each([null, 5, 'options', [], undefined])('refuses %j in place of the options', (options) => {
    expect(refusal(options).field).toBe('options');
  });
});

describe('the shared rules', () => {
  const accepted = (rule: OptionRule, values: unknown[]) => values.map((value) => rule.accepts(value));

  test('function takes functions alone', () => {
    expect(accepted(optionRules.function, [() => 0, Date, {}, null, 'f'])).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('object takes objects, and null is none', () => {
    expect(accepted(optionRules.object, [{}, [], null, undefined, 'o'])).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('secret takes strings that are more than blanks', () => {
    expect(accepted(optionRules.secret, ['key', ' ', '', 5, undefined])).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('nearestName', () => {
  test('has the fewest edits, letter case aside', () => {
    expect(nearestName('RAWONLY', Object.keys(RULES))).toBe('rawOnly');
    expect(nearestName('maxReconnectDelay', Object.keys(RULES))).toBe('maxReconnectDelayMs');
    expect(nearestName('x', [])).toBeUndefined();
  });

  test.each([
    ['ordre', 'order'],
    ['tsl', 'tls'],
    ['reconnectDelay', 'reconnectDelayMs'],
    ['zzz', undefined],
    ['', undefined],
    ['x', undefined],
    ['token', undefined],
  ])('is a help or nothing: of %j it makes %j', (name, nearest) => {
    const names = ['order', 'url', 'a', 'reconnectDelayMs', 'accessToken', 'tls'];
    expect(nearestName(name, names)).toBe(nearest);
  });

  test('finds every known name itself, and through one wrong letter', () => {
    const names = Object.keys(RULES);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(30), (name, seed) => {
        expect(nearestName(name, names)).toBe(name);
        const at = seed % name.length;
        expect(nearestName(`${name.slice(0, at)}#${name.slice(at + 1)}`, names)).toBe(name);
      }),
    );
  });
});
