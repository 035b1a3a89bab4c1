import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Instruments, type SearchOptions } from '@kite/instruments';

import { listOf, SMALL_LIST } from '../support/csv.js';

const list = Instruments.parse(SMALL_LIST);

const found = (text: string, options?: SearchOptions): string[] =>
  list.search(text, options).map(({ exchange, tradingsymbol }) => `${exchange!}:${tradingsymbol!}`);

describe('a search', () => {
  test.each<[string, string[]]>([
    ['infy', ['NSE:INFY', 'BSE:INFY']],
    ['INFOSYS', ['NSE:INFY', 'BSE:INFY']],
    ['infosy', ['NSE:INFY', 'BSE:INFY']],
    ['  infy  ', ['NSE:INFY', 'BSE:INFY']],
    ['indust', ['NSE:RELIANCE']],
    ['nifty', ['NSE:NIFTY 50', 'NFO:NIFTY26DECFUT', 'NFO:NIFTY27JANFUT']],
    ['nifty 50', ['NSE:NIFTY 50']],
    ['nifty 24500 ce', ['NFO:NIFTY26D0124500CE', 'NFO:NIFTY26DEC24500CE']],
    ['nifty put 24500', ['NFO:NIFTY26D0124500PE', 'NFO:NIFTY26DEC24500PE']],
    ['24500 pe', ['NFO:NIFTY26D0124500PE', 'NFO:NIFTY26DEC24500PE']],
    ['nifty fut', ['NFO:NIFTY26DECFUT', 'NFO:NIFTY27JANFUT', 'NFO:NIFTY27FEBFUT']],
    ['nifty fut jan', ['NFO:NIFTY27JANFUT']],
    ['NFO:infy 1620', ['NFO:INFY26DEC1620CE']],
    ['BSE:', []],
    ['BSE: infy', ['BSE:INFY']],
    ['nifty26dec24500ce', ['NFO:NIFTY26DEC24500CE']],
    ['26dec24500', ['NFO:NIFTY26DEC24500CE', 'NFO:NIFTY26DEC24500PE']],
    ['elian', ['NSE:RELIANCE']],
    ['nfy fut', []],
  ])('for %j finds %j first', (text, expected) => {
    expect(found(text).slice(0, expected.length)).toEqual(expected);
  });

  test.each(['', '   ', 'zzz', 'nifty zzz', 'nifty 99999 ce', 'XYZ:nifty', 'nifty ce pe'])(
    'for %j finds nothing',
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );

  test('ranks the very symbol over a beginning, a beginning over a word of a name, and that over what is inside', () => {
    const csv = listOf([
      { instrument_token: '1', tradingsymbol: 'XTATA', name: 'OTHER', exchange: 'NSE' },
      { instrument_token: '2', tradingsymbol: 'GROUP', name: 'THE TATA GROUP', exchange: 'NSE' },
      { instrument_token: '3', tradingsymbol: 'TATASTEEL', name: 'STEEL', exchange: 'NSE' },
      { instrument_token: '4', tradingsymbol: 'TATA', name: 'ZZZ', exchange: 'BSE' },
    ]);
    const tokens = Instruments.parse(csv)
      .search('tata')
      .map(({ instrumentToken }) => instrumentToken);
    expect(tokens).toEqual([4, 3, 2, 1]);
  });

  test('is restricted to an exchange, a type and a number of results', () => {
    expect(found('infy', { exchange: 'BSE' })).toEqual(['BSE:INFY']);
    expect(found('infy', { exchange: 'nfo', type: 'pe' })).toEqual(['NFO:INFY26DEC1600PE']);
    expect(found('nifty', { limit: 3 })).toHaveLength(3);
    expect(found('nifty')).toHaveLength(20);
    expect(found('nifty', { limit: 1000 })).toHaveLength(40);
    expect(found('infy', { exchange: 'NOPE' })).toEqual([]);
  });

  test.each([
    ['text', 42, {}],
    ['limit', 'a', { limit: 0 }],
    ['limit', 'a', { limit: 1.5 }],
    ['exchange', 'a', { exchange: 1 }],
  ])('refuses a wrong %s', (field, text, options) => {
    expect(() => list.search(text as string, options as SearchOptions)).toThrow(
      expect.objectContaining({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field }),
    );
  });

  test('refuses an unknown option, and names the nearest', () => {
    expect(() => list.search('a', { exchnge: 'NSE' } as SearchOptions)).toThrow(/did you mean exchange\?/u);
  });

  test('takes options that are undefined for absent', () => {
    expect(found('infy', { exchange: undefined, limit: undefined })).toHaveLength(6);
  });

  test('finds each instrument by its whole symbol, before all others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...list), (instrument) => {
        const [first] = list.search(`${instrument.exchange!}:${instrument.tradingsymbol!}`);
        expect(first).toEqual(instrument);
      }),
    );
  });

  test('finds by a beginning what a plain loop finds, in lists of any symbols', () => {
    const symbol = fc.string({
      unit: fc.constantFrom('A', 'B', 'C', '1', '-', '&', 'é'),
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 60 }), fc.nat(), fc.nat(8), (symbols, which, length) => {
        const csv = listOf(
          symbols.map((text, index) => ({
            instrument_token: `${index + 1}`,
            tradingsymbol: text,
            name: 'ZZ',
          })),
        );
        fc.pre(symbols.length > 0);
        const start = symbols[which % symbols.length]!.slice(0, length + 1).toUpperCase();
        const tokens = Instruments.parse(csv)
          .search(start, { limit: 1000 })
          .map(({ instrumentToken }) => instrumentToken);
        const expected = symbols.flatMap((text, index) =>
          text.toUpperCase().startsWith(start) ? [index + 1] : [],
        );
        expect(new Set(tokens.slice(0, expected.length))).toEqual(new Set(expected));
      }),
      { numRuns: 200 },
    );
  });
});
