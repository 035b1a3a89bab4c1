import { describe, expect, test } from 'vitest';
import { EXCHANGES, HOLIDAY_YEARS, istDateOf, istTimeOf, MarketCalendar } from '@kite/calendar';

const calendar = new MarketCalendar();
const at = (date: string, time: string) => istTimeOf(date, time);

describe('holidays', () => {
  test('of a year that cannot be cited are unknown, and the weekdays are taken for trading days', () => {
    expect(calendar.sessionOf('NSE', '2027-01-26')).toMatchObject({ isKnown: false, name: 'Regular' });
    expect(calendar.isTradingDay('NSE', '2027-01-26')).toBe(true);
    expect(calendar.isTradingDay('NSE', '2027-01-24')).toBe(false);
    expect(calendar.sessionOf('CDS', '2025-06-02')!.isKnown).toBe(false);
    expect(calendar.sessionOf('NSE', '2026-01-27')!.isKnown).toBe(true);
  });

  test('of currencies are more than those of stocks', () => {
    expect(calendar.isTradingDay('NSE', '2026-02-19')).toBe(true);
    expect(calendar.isTradingDay('CDS', '2026-02-19')).toBe(false);
  });

  test('that were announced during the year count: 15 January 2026', () => {
    for (const exchange of ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD'] as const)
      expect(calendar.isTradingDay(exchange, '2026-01-15')).toBe(false);
    expect(calendar.sessionOf('MCX', '2026-01-15')!.open).toBe(at('2026-01-15', '17:00'));
  });

  test('name where they stand, lie in their year, and name no weekend', () => {
    for (const { exchanges, year, sources, holidays, sessions } of HOLIDAY_YEARS) {
      expect(sources.length).toBeGreaterThan(0);
      for (const { reference, date, url } of sources) {
        expect(reference).not.toBe('');
        if (date !== null) expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
        expect(new URL(url).protocol).toBe('https:');
      }
      expect(exchanges.length).toBeGreaterThan(0);
      for (const date of [...Object.keys(holidays), ...sessions.map((one) => one.date)])
        expect(date.slice(0, 4)).toBe(String(year));
      for (const date of Object.keys(holidays)) expect(new Date(date).getUTCDay() % 6).not.toBe(0);
      expect(Object.keys(holidays)).toHaveLength(new Set(Object.keys(holidays)).size);
    }
  });

  test('are known of each exchange until the end of 2026', () => {
    for (const exchange of EXCHANGES) expect(calendar.knownUntil(exchange)).toBe('2026-12-31');
  });
});

describe('special sessions', () => {
  test('open on a Sunday, with the hours of a normal day where they give none', () => {
    expect(calendar.sessionOf('NSE', '2026-02-01')).toMatchObject({
      name: 'Union Budget',
      open: at('2026-02-01', '09:15'),
      close: at('2026-02-01', '15:30'),
    });
    expect(calendar.sessionOf('MCX', '2026-02-01')!.close).toBe(at('2026-02-01', '17:00'));
    expect(calendar.isTradingDay('CDS', '2026-02-01')).toBe(false);
  });

  test('go before the holiday that they are held on: Muhurat trading', () => {
    expect(calendar.phaseAt('NSE', at('2025-10-21', '10:00'))).toBe('closed');
    expect(calendar.phaseAt('NSE', at('2025-10-21', '13:45'))).toBe('continuous');
    expect(calendar.phaseAt('NSE', at('2025-10-21', '14:45'))).toBe('closed');
    expect(calendar.until('NSE', 'continuous', at('2025-10-20', '16:00'))).toBe(
      at('2025-10-21', '13:45') - at('2025-10-20', '16:00'),
    );
  });
});

describe('what users add', () => {
  const own = new MarketCalendar({
    holidays: [
      { exchange: ['NSE', 'BSE'], date: '2027-01-26', name: 'Republic Day' },
      { exchange: 'MCX', date: '2027-01-01', closed: 'evening' },
    ],
    sessions: [
      {
        exchange: 'NSE',
        date: '2026-11-08',
        name: 'Muhurat trading',
        preOpen: '17:45',
        open: '18:00',
        close: '19:00',
      },
    ],
    knownYears: [2027],
  });

  test('counts on top of what is known', () => {
    expect(own.isTradingDay('NSE', '2027-01-26')).toBe(false);
    expect(own.isTradingDay('NFO', '2027-01-26')).toBe(true);
    expect(own.isTradingDay('NSE', '2026-01-26')).toBe(false);
    expect(own.sessionOf('MCX', '2027-01-01')!.close).toBe(at('2027-01-01', '17:00'));
    expect(own.sessionOf('MCX', '2027-01-01')!.isKnown).toBe(true);
    expect(own.phaseAt('NSE', at('2026-11-08', '17:50'))).toBe('pre-open');
    expect(own.phaseAt('NSE', at('2026-11-08', '18:59'))).toBe('continuous');
  });

  test('stays in that calendar', () => {
    expect(calendar.isTradingDay('NSE', '2026-11-08')).toBe(false);
    expect(calendar.isTradingDay('NSE', '2027-01-26')).toBe(true);
  });
});

describe('the way to the next phase', () => {
  test('leads over a long weekend', () => {
    // Good Friday, then a weekend.
    expect(calendar.nextChange('NSE', at('2026-04-02', '16:00'))).toEqual({
      at: at('2026-04-06', '09:00'),
      phase: 'pre-open',
    });
  });

  test('is no time at all in that phase, and null where there is no such phase', () => {
    expect(calendar.until('NSE', 'continuous', at('2026-04-02', '10:00'))).toBe(0);
    expect(calendar.until('NFO', 'closing-auction', at('2026-08-04', '10:00'))).toBeNull();
    expect(calendar.until('NSE', 'closing-auction', at('2026-08-04', '10:00'))).toBeNull();
    expect(
      calendar.until('NSE', 'closing-auction', at('2026-08-04', '15:00'), { closingAuction: true }),
    ).toBe(15 * 60_000);
  });

  test('is null where users have closed the market for more than a year', () => {
    const days = Array.from({ length: 900 }, (_, day) =>
      istDateOf(at('2026-01-01', '00:00') + day * 86_400_000),
    );
    const shut = new MarketCalendar({ holidays: days.map((date) => ({ exchange: 'CDS', date })) });
    expect(shut.nextChange('CDS', at('2026-01-05', '12:00'))).toBeNull();
  });
});

test('dates and times of India are the same all year: midnight is 18:30 UTC', () => {
  expect(istDateOf(Date.parse('2026-07-01T18:29:59.999Z'))).toBe('2026-07-01');
  expect(istDateOf(Date.parse('2026-07-01T18:30Z'))).toBe('2026-07-02');
  expect(istTimeOf('2026-01-01', '09:15')).toBe(Date.parse('2026-01-01T03:45Z'));
});
