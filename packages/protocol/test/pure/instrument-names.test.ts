import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInstrumentTokens } from '@kite/protocol';
import { INFY, NIFTY } from '@kite/testkit';

const names = {
  tokenOf: (name: string) => (name === 'NSE:INFY' ? INFY : name === 'NSE:NIFTY 50' ? NIFTY : undefined),
};

describe('a list of tokens', () => {
  test('that is one string is refused, and says: put it in an array', () => {
    for (const instruments of [undefined, names])
      expect(() => parseInstrumentTokens('NSE:INFY', 'tokens', instruments)).toThrow(
        expect.objectContaining({
          code: 'KITE_PROTOCOL_INVALID_TOKEN',
          field: 'tokens',
          value: 'NSE:INFY',
          message:
            'tokens is "NSE:INFY"; allowed: an array or another iterable of instrument tokens: put it in one, as ["NSE:INFY"]',
        }) as Error,
      );
  });

  test('with a name and without a list of instruments points to the package that has one', () => {
    expect(() => parseInstrumentTokens([INFY, 'NSE:INFY'])).toThrow(
      'tokens[1] is "NSE:INFY"; allowed: an integer from 1 to 4294967295; a manager takes names with the option instruments: await Instruments.load() of @kite/instruments',
    );
  });

  test('takes names and tokens together, each instrument once and in order', () => {
    const list = ['NSE:NIFTY 50', INFY, 'NSE:INFY', NIFTY];
    expect(parseInstrumentTokens(list, 'tokens', names)).toEqual([NIFTY, INFY]);
  });

  test('with a name that the list of instruments does not have is refused, and names the place', () => {
    expect(() => parseInstrumentTokens([INFY, 'NSE:NOPE'], 'tokens', names)).toThrow(
      expect.objectContaining({
        code: 'KITE_PROTOCOL_UNKNOWN_INSTRUMENT',
        field: 'tokens[1]',
        value: 'NSE:NOPE',
      }) as Error,
    );
  });

  test.each(['408065', 'INFY', '', ':', 'NSE:'])('does not take %j for a name', (text) => {
    expect(() => parseInstrumentTokens([text], 'tokens', names)).toThrow(
      expect.objectContaining({
        code: 'KITE_PROTOCOL_INVALID_TOKEN',
        value: text,
        allowed: 'an integer from 1 to 4294967295, or a name such as NSE:INFY',
      }) as Error,
    );
  });

  test.each([0, '408065', null, NaN, 2 ** 32])(
    'is refused where a list of instruments says that a token is %s',
    (token) => {
      const wrong = { tokenOf: () => token as number };
      expect(() => parseInstrumentTokens(['NSE:INFY'], 'tokens', wrong)).toThrow(
        expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_TOKEN', value: token }) as Error,
      );
    },
  );

  test('never asks the list of instruments for what is no name', () => {
    const asked: string[] = [];
    const spy = { tokenOf: (name: string) => void asked.push(name) };
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          parseInstrumentTokens([value as string], 'tokens', spy);
        } catch {
          // Refused, in any case.
        }
      }),
    );
    expect(asked.filter((name) => !/^[^:]+:./su.test(name))).toEqual([]);
  });
});
