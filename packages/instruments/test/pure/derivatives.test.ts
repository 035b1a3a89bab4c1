import { describe, expect, test } from 'vitest';
import { Instruments } from '@kite/instruments';

import { listOf, SMALL_LIST } from '../support/csv.js';

const list = Instruments.parse(SMALL_LIST);

const strikes = (rows: readonly { strike: number }[]): number[] => rows.map(({ strike }) => strike);

describe('an underlying', () => {
  test.each(['NIFTY', 'nifty', ' NIFTY ', 'NFO:NIFTY', 'NIFTY 50', 'NSE:NIFTY 50'])(
    'may be written %s',
    (name) => {
      expect(list.future(name)?.tradingsymbol).toBe('NIFTY26DECFUT');
    },
  );

  test.each([
    'NOPE',
    '',
    ':',
    'NFO:',
    'BSE:NIFTY 50',
    'MCX:NIFTY',
    'toString',
    '__proto__',
    'NSE:constructor',
  ])('that is unknown, such as %j, has nothing', (name) => {
    expect([list.expiries(name), list.chain(name), list.atTheMoney(name, 1, 1), list.future(name)]).toEqual([
      [],
      [],
      [],
      undefined,
    ]);
  });

  test('with derivatives on several exchanges means the exchange that has the most, unless one is named', () => {
    expect(list.expiries('INFY')).toEqual(['2026-12-29']);
    expect(list.expiries('NSE:INFY')).toEqual(['2026-12-29']);
    expect(list.expiries('BFO:INFY')).toEqual(['2026-12-24']);
    expect(list.expiries('BSE:INFY')).toEqual(['2026-12-24']);
  });

  test('of another type than text is refused', () => {
    expect(() => list.expiries(256_265 as unknown as string)).toThrow(
      expect.objectContaining({
        code: 'KITE_INSTRUMENTS_INVALID_OPTION',
        field: 'underlying',
        value: 256_265,
      }),
    );
  });
});

describe('expiries', () => {
  test('are the dates of the list, the first one first, options and futures together', () => {
    expect(list.expiries('NIFTY')).toEqual(['2026-12-01', '2026-12-29', '2027-01-26', '2027-02-23']);
  });

  test('make near, next and far, without a clock and a rule', () => {
    expect([list.future('NIFTY'), list.future('NIFTY', 'next'), list.future('NIFTY', 'far')]).toMatchObject([
      { tradingsymbol: 'NIFTY26DECFUT' },
      { tradingsymbol: 'NIFTY27JANFUT' },
      { tradingsymbol: 'NIFTY27FEBFUT' },
    ]);
    expect(list.future('INFY')).toBeUndefined();
  });

  test('have no other month', () => {
    expect(() => list.future('NIFTY', 'December' as 'near')).toThrow(
      /month is "December"; allowed: 'near', 'next', 'far'/u,
    );
  });
});

describe('a chain', () => {
  test('has call and put of each strike, the lowest first, of the first expiry', () => {
    const chain = list.chain('NIFTY');
    expect(strikes(chain)).toEqual([24_300, 24_350, 24_400, 24_450, 24_500, 24_550, 24_600, 24_650, 24_700]);
    expect(chain[0]).toMatchObject({
      ce: { tradingsymbol: 'NIFTY26D0124300CE', expiry: '2026-12-01' },
      pe: { tradingsymbol: 'NIFTY26D0124300PE' },
    });
  });

  test('has the options of another expiry, and none of a date that the list does not have', () => {
    expect(list.chain('NIFTY', '2026-12-29')[0]?.ce?.tradingsymbol).toBe('NIFTY26DEC24300CE');
    expect(list.chain('NIFTY', '2026-12-30')).toEqual([]);
    expect(list.chain('NIFTY', '2027-01-26')).toEqual([]);
  });

  test('leaves out what the list does not have', () => {
    const [first, second] = list.chain('INFY');
    expect(first).toMatchObject({ strike: 1600, ce: {}, pe: {} });
    expect(second).toEqual({ strike: 1620, ce: list.find('NFO:INFY26DEC1620CE') });
  });

  test.each(['29-12-2026', '2026-12', '2026-02-30', 20_261_229, null, new Date(0)])(
    'refuses %s for an expiry',
    (expiry) => {
      expect(() => list.chain('NIFTY', expiry as string)).toThrow(
        expect.objectContaining({
          code: 'KITE_INSTRUMENTS_INVALID_OPTION',
          field: 'expiry',
          allowed: 'a date YYYY-MM-DD',
        }),
      );
    },
  );

  test('is not mixed with what has no strike or no type', () => {
    const row = { name: 'A', exchange: 'NFO', expiry: '2026-12-29' };
    const csv = listOf([
      { ...row, instrument_token: '1', strike: '', instrument_type: 'CE' },
      { ...row, instrument_token: '2', strike: '5', instrument_type: 'XX' },
      { ...row, instrument_token: '3', strike: '5', instrument_type: 'PE' },
    ]);
    expect(Instruments.parse(csv).chain('A')).toMatchObject([{ strike: 5, pe: { instrumentToken: 3 } }]);
  });
});

describe('at the money', () => {
  test('has the nearest strike in the middle of 2n + 1 rows, the lower one of two', () => {
    expect(strikes(list.atTheMoney('NIFTY', 24_512.3, 1))).toEqual([24_450, 24_500, 24_550]);
    expect(strikes(list.atTheMoney('NIFTY', 24_525, 0))).toEqual([24_500]);
    expect(strikes(list.atTheMoney('NIFTY', 24_525.05, 0))).toEqual([24_550]);
  });

  test('has as many rows at the ends of the chain, and the whole chain where that is shorter', () => {
    expect(strikes(list.atTheMoney('NIFTY', 1, 1))).toEqual([24_300, 24_350, 24_400]);
    expect(strikes(list.atTheMoney('NIFTY', 24_690, 1))).toEqual([24_600, 24_650, 24_700]);
    expect(list.atTheMoney('NIFTY', 24_500, 100)).toHaveLength(9);
    expect(strikes(list.atTheMoney('INFY', 1600, 3, '2026-12-29'))).toEqual([1600, 1620]);
  });

  test.each([
    ['price', NaN, 1],
    ['price', '24500', 1],
    ['n', 24_500, -1],
    ['n', 24_500, 1.5],
    ['n', 24_500, undefined],
  ])('refuses a wrong %s', (field, price, n) => {
    expect(() => list.atTheMoney('NIFTY', price as number, n!)).toThrow(
      expect.objectContaining({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field }),
    );
  });
});
