import { describe, expect, test } from 'vitest';
import {
  type InstrumentDefinition,
  MarketCalendar,
  simulateDay,
  type SimulateDayOptions,
} from '@kite/simulator';

import { connected, INFY } from '../support/virtual-client.js';

const IST_OFFSET_MS = 19_800_000;
const token = (segment: number): number => 256 * 4000 + segment;
const STOCK = token(1);
const FUTURE = token(2);
const PAIR = token(3);
const COMMODITY = token(7);
const INDEX = token(9);
/** A stock that a future is written on. */
const UNDERLYING = token(1) + 256;

/** How many ticks each instrument had in each stretch of a day, its cached one left out. */
async function counts(
  options: SimulateDayOptions,
  instruments: readonly InstrumentDefinition[],
  times: readonly string[],
): Promise<number[][]> {
  // Few steps and few heartbeats: what is counted is the hours.
  const coarse = { stepIntervalMs: 250, heartbeatIntervalMs: 60_000 };
  await using day = simulateDay({ to: '23:59', ...coarse, ...options, instruments });
  const client = await connected(day);
  const tokens = instruments.map(({ instrumentToken }) => instrumentToken);
  client.subscribe(tokens, 'full');
  await day.run(100);
  const table: number[][] = [];
  for (const time of times) {
    client.told.length = 0;
    await day.runUntil(time);
    table.push(tokens.map((one) => client.ticks.filter((tick) => tick.instrumentToken === one).length));
  }
  return table;
}

/** Instruments that change twice a second while they trade. */
const busy = (...tokens: number[]): InstrumentDefinition[] =>
  tokens.map((instrumentToken) => ({ instrumentToken, activity: 2 }));

describe('the hours of a simulated day', () => {
  test('each exchange keeps its own, from the calendar', async () => {
    const stretches = [
      ['08:59', '09:00', '09:05', '09:14', '09:16'],
      ['15:29', '15:30', '15:39', '15:41'],
      ['16:59', '17:00', '17:02'],
      ['23:54', '23:55', '23:57'],
    ];
    const instruments = busy(STOCK, FUTURE, INDEX, PAIR, COMMODITY);
    const lines: string[] = [];
    for (const [from = '', ...times] of stretches)
      for (const [at, row] of (await counts({ from }, instruments, times)).entries())
        lines.push(`${row.map((n) => (n === 0 ? '·' : n === 1 ? '1' : '#')).join('')} until ${times[at]}`);
    expect(lines).toEqual([
      '····· until 09:00',
      '···## until 09:05', // currencies and commodities from nine
      '111## until 09:14', // the one trade of the pre-open
      '##### until 09:16',
      '##### until 15:30',
      '·#·## until 15:39', // derivatives until 15:40
      '·#·## until 15:41',
      '···## until 17:00',
      '····# until 17:02',
      '····# until 23:55', // in winter
      '····· until 23:57',
    ]);
  });

  test('stocks that have derivatives fall silent at 15:15, and have one trade at the end of their auction', async () => {
    const future = { instrumentToken: FUTURE, exchange: 'NFO', name: 'ABC', activity: 2 };
    const underlying = { instrumentToken: UNDERLYING, tradingsymbol: 'ABC', activity: 2 };
    const table = await counts(
      { from: '15:14' },
      [...busy(STOCK, INFY), underlying, future],
      ['15:15', '15:29', '15:31', '15:50'],
    );
    expect(table[0]!.every((n) => n > 50)).toBe(true);
    expect(table[1]!.map((n) => n > 0)).toEqual([true, false, false, true]);
    expect(table[2]!.slice(1, 3)).toEqual([1, 1]);
    expect(table[3]!.map((n) => n > 0)).toEqual([false, false, false, true]);
    // Before the change of August 2026 there was no auction, and derivatives ended with the stocks.
    const before = await counts(
      { from: '15:14', date: '2026-07-14' },
      [...busy(STOCK, INFY), future],
      ['15:29', '15:50'],
    );
    expect(before[0]!.every((n) => n > 500)).toBe(true);
    await expect(
      counts({ from: '15:30', date: '2026-07-14' }, busy(STOCK, INFY, FUTURE), ['16:00']),
    ).resolves.toEqual([[0, 0, 0]]);
  });

  test('nothing moves on a holiday, nor at a weekend', async () => {
    for (const date of ['2026-11-24', '2026-11-21'])
      expect(await counts({ date, from: '09:14' }, busy(STOCK, FUTURE, PAIR), ['15:00'])).toEqual([
        [0, 0, 0],
      ]);
    // On the first, commodities have their evening.
    const evening = await counts({ date: '2026-11-24', from: '16:59' }, busy(STOCK, COMMODITY), [
      '17:00',
      '17:05',
    ]);
    expect(evening.map((row) => row.map((n) => n > 0))).toEqual([
      [false, false],
      [false, true],
    ]);
  });

  test('a Muhurat session trades in its hour: one that is known, and one that is given', async () => {
    const known = await counts({ date: '2025-10-21', from: '13:40' }, busy(STOCK), [
      '13:45',
      '14:45',
      '15:30',
    ]);
    expect(known.map(([n]) => n! > 1)).toEqual([false, true, false]);

    const muhurat = {
      exchange: 'NSE',
      date: '2026-11-08',
      name: 'Muhurat',
      open: '18:00',
      close: '18:15',
    } as const;
    const calendar = new MarketCalendar({ sessions: [muhurat] });
    const given = { date: '2026-11-08', from: '17:55' };
    const times = ['18:00', '18:16', '18:30'];
    expect(await counts(given, busy(STOCK), times)).toEqual([[0], [0], [0]]);
    expect((await counts({ ...given, calendar }, busy(STOCK), times)).map(([n]) => n! > 1)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('farm commodities close at 17:00, those with a price abroad at 21:00, and pairs without the rupee at 19:30', async () => {
    const named = (name: string, segment: number, nth: number): InstrumentDefinition => ({
      instrumentToken: token(segment) + 256 * nth,
      name,
      activity: 2,
    });
    const table = await counts(
      { from: '16:58' },
      [named('TURMERIC', 12, 1), named('COTTON', 7, 2), named('EURUSD', 3, 3)],
      ['17:00', '17:05', '19:35', '21:05', '21:10'],
    );
    expect(table.map((row) => row.map((n) => n > 0))).toEqual([
      [true, true, true],
      [false, true, true],
      [false, true, true],
      [false, true, false],
      [false, false, false],
    ]);
  });

  test('the day ends when the last exchange of its instruments closes', async () => {
    const end = async (options: SimulateDayOptions, ...tokens: number[]): Promise<string> => {
      await using day = simulateDay({ instruments: busy(...tokens), ...options });
      return new Date(day.endsAt + IST_OFFSET_MS).toISOString().slice(11, 16);
    };
    expect(await end({}, FUTURE, INDEX)).toBe('16:00'); // the stocks' post-close session, after derivatives
    expect(await end({}, FUTURE)).toBe('15:40');
    expect(await end({ date: '2026-07-14' }, FUTURE)).toBe('15:30');
    expect(await end({}, STOCK, PAIR)).toBe('17:00');
    expect(await end({}, STOCK, COMMODITY)).toBe('23:55');
    expect(await end({ date: '2026-07-14' }, STOCK, COMMODITY)).toBe('23:30'); // in summer
    expect(await end({ date: '2025-10-21', from: '13:00' }, STOCK)).toBe('14:45'); // Muhurat
    expect(await end({ date: '2026-11-21' }, STOCK)).toBe('16:00'); // a weekend
    expect(await end({ to: '12:00' }, COMMODITY)).toBe('12:00');
  });

  test('a day that would begin after its end is refused, and the error says what helps', () => {
    expect(() => simulateDay({ from: '15:40', instruments: busy(FUTURE) })).toThrow(
      'from is "15:40:00"; allowed: a time before 15:40:00, when the day ends, or a time for to as well',
    );
  });

  test('the first trade of the day is its open, and its range begins there', async () => {
    await using day = simulateDay({ instruments: busy(STOCK) });
    const client = await connected(day);
    client.subscribe([STOCK], 'full');
    await day.runUntil('09:14');
    const first = client.ticks.at(-1);
    if (first?.mode !== 'full' || !first.tradable) throw new Error('no full tick');
    const { open, high, low } = first.ohlc;
    expect([open, high, low]).toEqual([first.lastPrice, first.lastPrice, first.lastPrice]);
    expect(first.lastTradedQuantity).toBeGreaterThan(0);
  });
});
