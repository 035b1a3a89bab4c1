import { describe, expect, test } from 'vitest';
import {
  CalendarError,
  type Exchange,
  istTimeOf,
  MarketCalendar,
  type MarketCalendarOptions,
} from '@kite/calendar';

const calendar = new MarketCalendar();

const refusal = (code: string, field: string) =>
  expect.objectContaining({ name: 'CalendarError', code, field }) as unknown;

describe('bad input is refused by name', () => {
  test.each(['nse', 'NASDAQ', '', 1, null, undefined])('the exchange %s', (exchange) => {
    expect(() => calendar.phaseAt(exchange as Exchange, 0)).toThrow(
      refusal('KITE_CALENDAR_INVALID_EXCHANGE', 'exchange'),
    );
  });

  test.each([
    '2026-02-30',
    '2026-2-3',
    '03-08-2026',
    '20260803',
    '1969-12-31',
    '',
    20260803,
    new Date(0),
    null,
  ])('the date %s', (date) => {
    expect(() => calendar.isTradingDay('NSE', date as string)).toThrow(
      refusal('KITE_CALENDAR_INVALID_DATE', 'date'),
    );
  });

  test.each([NaN, Infinity, -1, 253_402_300_800_000, '1770000000000', new Date(0), null])(
    'the time %s',
    (at) => {
      expect(() => calendar.phaseAt('NSE', at as number)).toThrow(
        refusal('KITE_CALENDAR_INVALID_TIME', 'at'),
      );
      expect(() => calendar.nextChange('NSE', at as number)).toThrow(
        refusal('KITE_CALENDAR_INVALID_TIME', 'at'),
      );
    },
  );

  test.each(['9:15', '24:00', '09:60', '0915', 915])('the time of day %s', (time) => {
    expect(() => istTimeOf('2026-08-03', time as string)).toThrow(
      refusal('KITE_CALENDAR_INVALID_TIME', 'time'),
    );
  });

  test('a phase that there is not', () => {
    expect(() => calendar.until('NSE', 'open' as never, 0)).toThrow(
      refusal('KITE_CALENDAR_INVALID_PHASE', 'phase'),
    );
  });

  test('a group that the exchange does not have', () => {
    expect(() => calendar.phaseAt('NSE', 0, { group: 'agri' })).toThrow(
      refusal('KITE_CALENDAR_INVALID_OPTION', 'group'),
    );
    expect(() => calendar.phaseAt('MCX', 0, { group: 'cross-currency' })).toThrow(/agri, agri-international/);
  });

  test('an unknown option, with the nearest known one', () => {
    expect(() => calendar.phaseAt('NSE', 0, { closingAuktion: true } as never)).toThrow(
      /did you mean closingAuction/,
    );
    expect(() => new MarketCalendar({ holiday: [] } as never)).toThrow(/did you mean holidays/);
    expect(() => calendar.phaseAt('BES' as Exchange, 0)).toThrow(/did you mean BSE/);
  });

  test.each<[string, string, string, MarketCalendarOptions]>([
    ['a date', 'INVALID_DATE', 'holidays[0].date', { holidays: [{ exchange: 'NSE', date: '2027-13-01' }] }],
    [
      'an exchange',
      'INVALID_EXCHANGE',
      'holidays[0].exchange',
      { holidays: [{ exchange: 'X' as never, date: '2027-01-01' }] },
    ],
    [
      'half a day of stocks',
      'INVALID_OPTION',
      'holidays[0].closed',
      { holidays: [{ exchange: 'NSE', date: '2027-01-01', closed: 'morning' }] },
    ],
    [
      'no name',
      'INVALID_OPTION',
      'sessions[0].name',
      { sessions: [{ exchange: 'NSE', date: '2027-01-02', name: '' }] },
    ],
    [
      'no close',
      'INVALID_TIME',
      'sessions[0].close',
      { sessions: [{ exchange: 'NSE', date: '2027-01-02', name: 'x', open: '10:00' }] },
    ],
    [
      'closing before it opens',
      'INVALID_OPTION',
      'sessions[0].close',
      { sessions: [{ exchange: 'NSE', date: '2027-01-02', name: 'x', open: '10:00', close: '10:00' }] },
    ],
    [
      'a late pre-open',
      'INVALID_OPTION',
      'sessions[0].preOpen',
      {
        sessions: [
          { exchange: 'NSE', date: '2027-01-02', name: 'x', open: '10:00', close: '11:00', preOpen: '10:00' },
        ],
      },
    ],
    ['no list', 'INVALID_OPTION', 'holidays', { holidays: {} as never }],
    ['no year', 'INVALID_OPTION', 'knownYears', { knownYears: [27] }],
  ])('an own day with %s', (_, code, field, options) => {
    expect(() => new MarketCalendar(options)).toThrow(refusal(`KITE_CALENDAR_${code}`, field));
  });
});

test('an error has what the errors of the other packages have, and is JSON', () => {
  const error = new CalendarError('KITE_CALENDAR_INVALID_DATE', {
    field: 'date',
    value: 7n,
    allowed: 'a date',
  });
  expect(error.message).toBe('date is 7n; allowed: a date');
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'CalendarError',
    message: 'date is 7n; allowed: a date',
    code: 'KITE_CALENDAR_INVALID_DATE',
    field: 'date',
    value: '7n',
    allowed: 'a date',
  });
  // `isKiteError` of @kite/protocol looks for this.
  expect(Symbol.for('@kite/error') in error).toBe(true);
});

test('explicit undefined means not given', () => {
  const same = new MarketCalendar({ holidays: undefined, sessions: undefined, knownYears: undefined });
  expect(
    same.phaseAt('NSE', istTimeOf('2026-08-03', '15:20'), { closingAuction: undefined, group: undefined }),
  ).toBe('continuous');
});
