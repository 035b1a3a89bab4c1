import { describe, expect, test } from 'vitest';
import { type Exchange, istTimeOf, MarketCalendar, type PhaseOptions } from '@kite/calendar';

const calendar = new MarketCalendar();

/** The stretches of a day, as `continuous 09:15–15:30`. */
function dayOf(exchange: Exchange, date: string, options?: PhaseOptions): string[] {
  const time = (at: number) => new Date(at + 330 * 60_000).toISOString().slice(11, 16);
  const { phases = [] } = calendar.sessionOf(exchange, date, options) ?? {};
  return phases.map(({ phase, from, to }) => `${phase} ${time(from)}–${time(to)}`);
}

describe('on 3 August 2026', () => {
  test('stocks with derivatives get a closing auction, on NSE and BSE', () => {
    for (const exchange of ['NSE', 'BSE'] as const) {
      expect(dayOf(exchange, '2026-07-31', { closingAuction: true })).toEqual([
        'pre-open 09:00–09:15',
        'continuous 09:15–15:30',
        'post-close 15:40–16:00',
      ]);
      expect(dayOf(exchange, '2026-08-03', { closingAuction: true })).toEqual([
        'pre-open 09:00–09:15',
        'continuous 09:15–15:15',
        'closing-auction 15:15–15:35',
        'post-close 15:50–16:00',
      ]);
    }
  });

  test('other stocks trade until 15:30 as before', () => {
    expect(dayOf('NSE', '2026-08-03')).toEqual([
      'pre-open 09:00–09:15',
      'continuous 09:15–15:30',
      'post-close 15:50–16:00',
    ]);
  });

  test('derivatives trade until 15:40', () => {
    expect(dayOf('NFO', '2026-07-31')).toEqual(['pre-open 09:00–09:15', 'continuous 09:15–15:30']);
    expect(dayOf('NFO', '2026-08-03')).toEqual(['pre-open 09:00–09:15', 'continuous 09:15–15:40']);
    expect(dayOf('BFO', '2026-08-03', { closingAuction: true })).toEqual(dayOf('NFO', '2026-08-03'));
  });
});

test('derivatives have a pre-open phase since 8 December 2025', () => {
  expect(dayOf('NFO', '2025-12-05')).toEqual(['continuous 09:15–15:30']);
  expect(dayOf('BFO', '2025-12-08')).toEqual(['pre-open 09:00–09:15', 'continuous 09:15–15:30']);
});

test.each([
  ['2026-03-06', '23:55'],
  ['2026-03-09', '23:30'],
  ['2026-10-30', '23:30'],
  ['2026-11-02', '23:55'],
  ['2025-03-07', '23:55'],
  ['2025-03-10', '23:30'],
  ['2025-10-31', '23:30'],
  ['2025-11-03', '23:55'],
])('commodities close on %s at %s, as the clocks of the United States say', (date, close) => {
  for (const exchange of ['MCX', 'NCO'] as const) {
    expect(calendar.sessionOf(exchange, date)!.open).toBe(istTimeOf(date, '09:00'));
    expect(calendar.sessionOf(exchange, date)!.close).toBe(istTimeOf(date, close));
  }
});

test('groups keep their own hours', () => {
  expect(dayOf('MCX', '2026-07-01', { group: 'agri' })).toEqual(['continuous 09:00–17:00']);
  expect(dayOf('MCX', '2026-07-01', { group: 'agri-international' })).toEqual(['continuous 09:00–21:00']);
  expect(dayOf('CDS', '2026-07-01')).toEqual(['continuous 09:00–17:00']);
  expect(dayOf('CDS', '2026-07-01', { group: 'cross-currency' })).toEqual(['continuous 09:00–19:30']);
});

test('a holiday may close the morning of a commodity market alone, and then agricultural commodities do not open', () => {
  expect(dayOf('MCX', '2026-03-03')).toEqual(['continuous 17:00–23:55']);
  expect(dayOf('MCX', '2026-03-03', { group: 'agri-international' })).toEqual(['continuous 17:00–21:00']);
  expect(dayOf('MCX', '2026-03-03', { group: 'agri' })).toEqual([]);
  expect(dayOf('MCX', '2026-01-01')).toEqual(['continuous 09:00–17:00']);
  expect(dayOf('NSE', '2026-01-01')).toHaveLength(3);
});

test('phases begin at their first millisecond and end before their last', () => {
  const at = (time: string) => istTimeOf('2026-08-03', time);
  const phase = (time: number) => calendar.phaseAt('NSE', time, { closingAuction: true });
  expect(phase(at('09:00') - 1)).toBe('closed');
  expect(phase(at('09:15') - 1)).toBe('pre-open');
  expect(phase(at('09:15'))).toBe('continuous');
  expect(phase(at('15:15') - 0.5)).toBe('continuous');
  expect(phase(at('15:15'))).toBe('closing-auction');
  expect(phase(at('15:35'))).toBe('closed');
  expect(phase(at('15:50'))).toBe('post-close');
  expect(phase(at('16:00'))).toBe('closed');
});
