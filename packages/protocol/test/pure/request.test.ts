import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assertMode,
  isInstrumentToken,
  isMode,
  MAX_INSTRUMENTS_PER_CONNECTION,
  Mode,
  modeRequests,
  parseInstrumentTokens,
  SERVER_DEFAULT_MODE,
  subscribeRequests,
  unsubscribeRequests,
} from '@kite/protocol';

import { MAX_INSTRUMENT_TOKEN } from '../../src/instrument-token.js';

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('requests', () => {
  test('are byte for byte what the documentation shows', () => {
    expect(subscribeRequests([408065, 884737])).toEqual(['{"a":"subscribe","v":[408065,884737]}']);
    expect(unsubscribeRequests([408065, 884737])).toEqual(['{"a":"unsubscribe","v":[408065,884737]}']);
    expect(modeRequests('full', [408065])).toEqual(['{"a":"mode","v":["full",[408065]]}']);
    expect(modeRequests(Mode.LTP, [408065])).toEqual(['{"a":"mode","v":["ltp",[408065]]}']);
    expect(modeRequests(Mode.Quote, [408065])).toEqual(['{"a":"mode","v":["quote",[408065]]}']);
  });

  test('are none for no tokens', () => {
    expect(subscribeRequests([])).toEqual([]);
    expect(unsubscribeRequests(new Set<number>())).toEqual([]);
    expect(modeRequests('full', [])).toEqual([]);
  });

  test.each([
    [3000, [3000]],
    [3001, [3000, 1]],
    [9000, [3000, 3000, 3000]],
  ])('for %i tokens are cut at 3000 each: %j', (count, sizes) => {
    const tokens = range(count);
    const lists = subscribeRequests(tokens).map((text) => (JSON.parse(text) as { v: number[] }).v);
    expect(lists.map(({ length }) => length)).toEqual(sizes);
    expect(lists.flat()).toEqual(tokens);
    expect(unsubscribeRequests(tokens)).toHaveLength(sizes.length);
    const modes = modeRequests('ltp', tokens).map(
      (text) => (JSON.parse(text) as { v: [string, number[]] }).v,
    );
    expect(modes.map(([mode, list]) => [mode, list.length])).toEqual(sizes.map((size) => ['ltp', size]));
  });

  test('name each token once, where it first stood', () => {
    expect(subscribeRequests([5, 3, 5, 3, 4])).toEqual(['{"a":"subscribe","v":[5,3,4]}']);
  });

  test('take any iterable: a set, a typed array, a generator', () => {
    const one = ['{"a":"subscribe","v":[1,2]}'];
    expect(subscribeRequests(new Set([1, 2]))).toEqual(one);
    expect(subscribeRequests(Uint32Array.of(1, 2))).toEqual(one);
    expect(
      subscribeRequests(
        new Map([
          [1, 'a'],
          [2, 'b'],
        ]).keys(),
      ),
    ).toEqual(one);
  });

  test('carry the largest token as a plain number', () => {
    expect(subscribeRequests([1, 2 ** 32 - 1])).toEqual(['{"a":"subscribe","v":[1,4294967295]}']);
  });
});

describe('what is no list of instrument tokens is refused before it reaches the wire', () => {
  const refused: [string, unknown, string, unknown][] = [
    ['a string among them', [408065, '884737'], 'tokens[1]', '884737'],
    ['a fraction', [408065.5], 'tokens[0]', 408065.5],
    ['a negative number', [1, 2, -408065], 'tokens[2]', -408065],
    ['zero', [0], 'tokens[0]', 0],
    ['NaN', [Number.NaN], 'tokens[0]', Number.NaN],
    ['Infinity', [Infinity], 'tokens[0]', Infinity],
    ['2³²', [2 ** 32], 'tokens[0]', 2 ** 32],
    ['a bigint', [408065n], 'tokens[0]', 408065n],
    ['a boxed number', [new Number(408065)], 'tokens[0]', new Number(408065)],
    ['a nested list', [[408065]], 'tokens[0]', [408065]],
    ['null', [null], 'tokens[0]', null],
    ['a hole', new Array(1), 'tokens[0]', undefined],
    ["a map's entries", new Map([[1, 2]]), 'tokens[0]', [1, 2]],
    ['a lone number', 408065, 'tokens', 408065],
    ['a lone string', '408065', 'tokens', '408065'],
    ['a plain object', { length: 1, 0: 408065 }, 'tokens', { length: 1, 0: 408065 }],
    ['an object that only looks iterable', { [Symbol.iterator]: 5 }, 'tokens', { [Symbol.iterator]: 5 }],
    ['null for all', null, 'tokens', null],
    ['nothing', undefined, 'tokens', undefined],
  ];

  test.each(refused)('%s', (_, tokens, field, value) => {
    const wrong = tokens as number[];
    const error = expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_TOKEN', field, value }) as Error;
    expect(() => subscribeRequests(wrong)).toThrow(error);
    expect(() => unsubscribeRequests(wrong)).toThrow(error);
    expect(() => modeRequests('full', wrong)).toThrow(error);
    expect(() => parseInstrumentTokens(wrong)).toThrow(error);
  });

  test('with a message that says all of it', () => {
    expect(() => subscribeRequests(['408065'] as unknown as number[])).toThrow(
      'tokens[0] is "408065"; allowed: an integer from 1 to 4294967295',
    );
    expect(() => parseInstrumentTokens(5 as unknown as number[], 'symbols')).toThrow(
      'symbols is 5; allowed: an array or another iterable of instrument tokens',
    );
  });

  test('and isInstrumentToken agrees with it about any value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.integer(), fc.double(), fc.nat(2 ** 33)), (value) => {
        let accepted = true;
        try {
          parseInstrumentTokens([value as number]);
        } catch {
          accepted = false;
        }
        expect(isInstrumentToken(value)).toBe(accepted);
      }),
    );
  });

  test('while the bounds themselves are tokens', () => {
    expect(parseInstrumentTokens([1, MAX_INSTRUMENT_TOKEN])).toEqual([1, 4294967295]);
    expect(MAX_INSTRUMENTS_PER_CONNECTION).toBe(3000);
  });
});

describe('a mode', () => {
  test('is one of three, and quote is what the server begins with', () => {
    expect(Mode).toEqual({ LTP: 'ltp', Quote: 'quote', Full: 'full', QUOTE: 'quote', FULL: 'full' });
    expect(SERVER_DEFAULT_MODE).toBe('quote');
    for (const mode of Object.values(Mode)) expect(isMode(mode)).toBe(true);
  });

  test.each(['FULL', 'Full', '', 'ticks', 'constructor', '__proto__', 1, null, undefined, ['full']])(
    'is not %j',
    (value) => {
      expect(isMode(value)).toBe(false);
      const error = expect.objectContaining({
        code: 'KITE_PROTOCOL_INVALID_MODE',
        field: 'mode',
        value,
        allowed: "'ltp', 'quote' or 'full'",
      }) as Error;
      expect(() => modeRequests(value as Mode, [408065])).toThrow(error);
      expect(() => modeRequests(value as Mode, [])).toThrow(error);
    },
  );

  test('is refused under the name of the option that it came in', () => {
    expect(() => assertMode('x', 'defaultMode')).toThrow(
      "defaultMode is \"x\"; allowed: 'ltp', 'quote' or 'full'",
    );
  });
});
