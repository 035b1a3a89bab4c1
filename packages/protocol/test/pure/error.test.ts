import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type * as Kite from '@kite/protocol';
import {
  decodeFrame,
  encodeFrame,
  encodePacket,
  isKiteError,
  KiteError,
  type KiteErrorCode,
  KiteInputError,
  type Mode,
  modeRequests,
  parseInstrumentTokens,
  priceDivisor,
  PROTOCOL_ERRORS,
  subscribeRequests,
  type Tick,
} from '@kite/protocol';

import { bundleForBrowser } from '../support/bundle.js';

/** The error that `run` throws. */
function thrownBy(run: () => unknown): KiteError {
  try {
    run();
  } catch (error) {
    return error as KiteError;
  }
  throw new Error('nothing was thrown');
}

/** One way to each error of this package. */
const WAYS: Record<keyof typeof PROTOCOL_ERRORS, () => unknown> = {
  KITE_PROTOCOL_INVALID_TOKEN: () => subscribeRequests([0]),
  KITE_PROTOCOL_UNKNOWN_INSTRUMENT: () =>
    parseInstrumentTokens(['NSE:X'], 'tokens', { tokenOf: () => undefined }),
  KITE_PROTOCOL_INVALID_MODE: () => modeRequests('all' as Mode, [1]),
  KITE_PROTOCOL_INVALID_FRAME: () => decodeFrame('' as unknown as Uint8Array),
  KITE_PROTOCOL_INVALID_DIVISOR: () => priceDivisor(257, { 1: 0 }),
  KITE_PROTOCOL_INVALID_TICK: () => encodePacket({} as Tick),
  KITE_PROTOCOL_FRAME_TOO_LARGE: () => encodeFrame([new Uint8Array(65536)]),
};

describe.each(Object.keys(PROTOCOL_ERRORS) as (keyof typeof PROTOCOL_ERRORS)[])('%s', (code) => {
  const entry = PROTOCOL_ERRORS[code];
  const error = thrownBy(WAYS[code]);

  test('is thrown as a KiteError with its code, its name and a stack', () => {
    expect(error).toBeInstanceOf(KiteError);
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe(code);
    expect(error.name).toBe(error instanceof KiteInputError ? 'KiteInputError' : 'KiteError');
    expect(error.stack).toContain(`${error.name}: ${error.message}`);
    expect(isKiteError(error, code)).toBe(true);
    const other =
      code === 'KITE_PROTOCOL_INVALID_MODE' ? 'KITE_PROTOCOL_INVALID_TOKEN' : 'KITE_PROTOCOL_INVALID_MODE';
    expect(isKiteError(error, other)).toBe(false);
  });

  test('says what was refused and what is allowed, where input was refused', () => {
    if (!(error instanceof KiteInputError)) return;
    expect(error.field).not.toBe('');
    expect('value' in error).toBe(true);
    expect(error.message).toContain(error.field);
    expect(error.message).toContain(error.allowed);
  });

  test('has a cause and a cure that read as sentences', () => {
    for (const text of [entry.cause, entry.cure]) expect(text).toMatch(/^[A-Z].*\.$/);
  });

  test('survives JSON with its code, message and name', () => {
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code,
      message: error.message,
      name: error.name,
    });
  });
});

describe('a KiteError', () => {
  test('carries only the fields that it was given', () => {
    const error = new KiteError('KITE_PROTOCOL_INVALID_TICK', 'text', { status: 403, attempts: 2 });
    expect(Object.keys(error).sort()).toEqual(['attempts', 'code', 'status']);
    expect('cause' in error).toBe(false);
  });

  test('keeps its cause as Error does, out of its enumerable fields', () => {
    const cause = new TypeError('below');
    const error = new KiteError('KITE_PROTOCOL_INVALID_TICK', 'text', { cause });
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).toEqual(['code']);
    expect(error.toJSON()).toEqual({
      name: 'KiteError',
      message: 'text',
      code: 'KITE_PROTOCOL_INVALID_TICK',
      cause: 'below',
    });
  });

  test('is plain JSON too where its cause throws when it is touched', () => {
    const cause = Object.defineProperty(new Error(), 'message', {
      get() {
        throw new TypeError('no message');
      },
    });
    const { cause: text } = new KiteError('KITE_PROTOCOL_INVALID_TICK', 'text', { cause }).toJSON();
    expect(text).toBe('a value of type object that has no text');
  });

  test('is plain JSON whatever the refused value and the cause are', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.constant(circular), fc.bigInt()),
        fc.anything(),
        (value, cause) => {
          const error = new KiteInputError('KITE_PROTOCOL_INVALID_TICK', {
            field: 'f',
            value,
            allowed: 'a',
            cause,
          });
          const json = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
          expect(typeof json['value']).toBe('string');
          expect(json).toMatchObject({ code: 'KITE_PROTOCOL_INVALID_TICK', field: 'f', allowed: 'a' });
        },
      ),
    );
  });

  test('sums up others, and its JSON holds theirs', () => {
    const reasons = [
      new KiteError('KITE_PROTOCOL_INVALID_MODE', 'one', { status: 403 }),
      new KiteError('KITE_PROTOCOL_INVALID_TOKEN', 'two'),
    ];
    const error = new KiteError('KITE_PROTOCOL_INVALID_TICK', 'all failed', { reasons });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      reasons: [
        { code: 'KITE_PROTOCOL_INVALID_MODE', message: 'one', status: 403 },
        { code: 'KITE_PROTOCOL_INVALID_TOKEN' },
      ],
    });
  });

  test('prints with its code and without its brand', () => {
    const printed = inspect(new KiteError('KITE_PROTOCOL_INVALID_TICK', 'text'));
    expect(printed).toContain("code: 'KITE_PROTOCOL_INVALID_TICK'");
    expect(printed).not.toContain('Symbol');
  });

  test('has a name that a subclass inherits and may replace', () => {
    class Special extends KiteError {
      override readonly name = 'Special';
    }
    const error = new Special('KITE_PROTOCOL_INVALID_TICK', 'text');
    expect(String(error)).toBe('Special: text');
    expect(isKiteError(error)).toBe(true);
  });
});

describe('isKiteError', () => {
  test('takes the codes that there are, and no other', () => {
    const error: unknown = new KiteError('KITE_PROTOCOL_INVALID_TICK', 'text');
    // @ts-expect-error -- misspelt
    expect(isKiteError(error, 'KITE_PROTOCOL_INVALID_TICKS')).toBe(false);
    // @ts-expect-error -- misspelt
    expect(new KiteError('KITE_PROTOCOL_INVALID', 'text')).toBeInstanceOf(Error);
    if (error instanceof KiteError) expectTypeOf(error.code).toEqualTypeOf<KiteErrorCode>();
    if (isKiteError(error, 'KITE_PROTOCOL_INVALID_TICK'))
      expectTypeOf(error.code).toEqualTypeOf<'KITE_PROTOCOL_INVALID_TICK'>();
  });

  test.each([
    null,
    undefined,
    'KITE_PROTOCOL_INVALID_TICK',
    5,
    {},
    new Error('x'),
    { code: 'KITE_PROTOCOL_INVALID_TICK' },
    () => undefined,
  ])('is false for %j', (value) => {
    expect(isKiteError(value)).toBe(false);
  });

  test("knows the errors of a duplicated copy of the package, which instanceof does not, and that copy knows this one's", async () => {
    const other = runInNewContext(`${await bundleForBrowser()}; kite`) as typeof Kite;
    const theirs = thrownBy(() => other.subscribeRequests([0]));
    expect(theirs).not.toBeInstanceOf(KiteError);
    expect(isKiteError(theirs, 'KITE_PROTOCOL_INVALID_TOKEN')).toBe(true);
    const ours = thrownBy(() => subscribeRequests([0]));
    expect(ours).not.toBeInstanceOf(other.KiteError);
    expect(other.isKiteError(ours, 'KITE_PROTOCOL_INVALID_TOKEN')).toBe(true);
  });
});
