import { describe, expect, test } from 'vitest';
import { BarBuilder, type BarOptions } from '@kite/bars';
import { istTimeOf } from '@kite/calendar';
import { indexTick } from '@kite/testkit';

import { at, full, ltp, quote, TOKEN } from '../support/ticks.js';

const minutes = (options: Partial<BarOptions> = {}) => new BarBuilder({ interval: '1m', ...options });

/** A builder that has seen the instrument since before the open. */
function sinceMorning(options: Partial<BarOptions> = {}) {
  const builder = minutes(options);
  builder.push([full('09:08', 100, 1000)]);
  return builder;
}

describe('buckets', () => {
  test('are by exchange time, right-open, and labelled by their start', () => {
    const builder = sinceMorning();
    builder.push(
      [full('09:15', 101, 1010), full('09:15:59', 102, 1020), full('09:16', 103, 1030)],
      at('12:00'),
    );
    const [first, second] = builder.poll(at('13:00'));
    expect(first).toEqual({
      instrumentToken: TOKEN,
      interval: '1m',
      start: at('09:15'),
      end: at('09:16'),
      open: 101,
      high: 102,
      low: 101,
      close: 102,
      volume: 20,
      oi: 0,
      vwap: 101.5,
      tickCount: 2,
      state: 'closed',
      partial: false,
      gap: false,
      revision: 0,
      source: 'exchange',
    });
    expect(second).toMatchObject({ start: at('09:16'), open: 103, volume: 10 });
  });

  test('are counted from the open of the session: an hour starts at 09:15, and the last one ends with the session', () => {
    const builder = sinceMorning({ interval: '1h' });
    builder.push([full('10:14:59', 101, 1010), full('10:15', 102, 1020), full('15:29', 103, 1030)]);
    expect(builder.poll(Infinity).map(({ start, end }) => [start, end])).toEqual([
      [at('09:15'), at('10:15')],
      [at('10:15'), at('11:15')],
      [at('15:15'), at('15:30')],
    ]);
  });

  test('of a commodity whose morning is a holiday are counted from 17:00', () => {
    const token = 0x107;
    const tick = (time: string, volume: number) => ({
      ...full('09:15', 100, volume),
      instrumentToken: token,
      exchangeTimestamp: at(time, '2026-03-03'),
    });
    const builder = minutes({ interval: '1h' });
    builder.push([tick('16:59', 0), tick('17:30', 10)]);
    expect(builder.poll(Infinity)).toMatchObject([
      { start: at('17:00', '2026-03-03'), volume: 10, partial: false },
    ]);
  });

  test('a day is one bar, the trades at the closing price included', () => {
    const builder = sinceMorning({ interval: '1d' });
    builder.push([full('09:15:01', 101, 1010), full('15:29:59', 105, 2000)]);
    expect(builder.poll(at('15:30:01.999'))).toEqual([]);
    expect(builder.poll(at('15:30:02'))).toMatchObject([
      { start: at('09:15'), end: at('15:30'), close: 105, volume: 1000 },
    ]);
    expect(builder.push([full('15:45', 105, 2100)])).toMatchObject([
      { start: at('09:15'), volume: 1100, revision: 1 },
    ]);
  });

  test('a snapshot at the very end of the session belongs to its last bar', () => {
    const builder = sinceMorning();
    builder.push([full('15:29:30', 101, 1010), full('15:30', 102, 1020)]);
    expect(builder.poll(Infinity)).toMatchObject([
      { start: at('15:29'), end: at('15:30'), close: 102, volume: 20 },
    ]);
  });

  test('on a day without a session are counted from midnight: nothing is lost', () => {
    const sunday = (time: string, volume: number) =>
      full('09:15', 100, volume, { exchangeTimestamp: at(time, '2026-07-12') });
    const builder = minutes();
    builder.push([sunday('10:00:30', 5), sunday('10:01:30', 9)]);
    expect(builder.poll(Infinity)).toMatchObject([{ start: at('10:01', '2026-07-12'), volume: 4 }]);
  });
});

describe('a bar is closed', () => {
  test('by the clock, two seconds after its end, and not by the next tick', () => {
    const builder = sinceMorning();
    expect(builder.push([full('09:15:10', 101, 1010)])).toEqual([]);
    expect(builder.push([full('09:16:00', 102, 1020)])).toEqual([]);
    expect(builder.dueAt(at('09:16'))).toBe(at('09:16:02'));
    expect(builder.poll(at('09:16:01.999'))).toEqual([]);
    expect(builder.poll(at('09:16:02'))).toMatchObject([{ start: at('09:15'), state: 'closed', close: 101 }]);
    expect(builder.dueAt(at('09:16:02'))).toBe(at('09:17:02'));
  });

  test('after closeAfterMs, where that is given', () => {
    const builder = sinceMorning({ closeAfterMs: 0 });
    builder.push([full('09:15:10', 101, 1010)]);
    expect(builder.poll(at('09:16'))).toHaveLength(1);
  });

  test('though no other tick follows', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010)]);
    expect(builder.poll(at('11:00'))).toHaveLength(1);
    expect(builder.poll(at('12:00'))).toEqual([]);
    expect(builder.dueAt(at('12:00'))).toBeNull();
  });

  test('when sixteen others of the instrument wait for a clock that stands still', () => {
    const builder = sinceMorning();
    for (let minute = 15; minute < 32; minute++)
      expect(builder.push([full(`09:${minute}:10`, 101, 1000 + minute)])).toEqual([]);
    expect(builder.push([full('09:32:10', 101, 1040)])).toMatchObject([{ start: at('09:15') }]);
  });
});

describe('a trade', () => {
  test('is a change of the volume or of the last trade time, and nothing else: a change of depth opens no bar', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 100, 1000, { totalBuyQuantity: 7 })]);
    expect(builder.forming(TOKEN)).toBeUndefined();
    builder.push([full('09:15:11', 100, 1000, { lastTradeTime: at('09:15:11') })]);
    expect(builder.forming(TOKEN)).toBeUndefined(); // the first last trade time is no change of it
    builder.push([full('09:15:12', 101, 1000, { lastTradeTime: at('09:15:12') })]);
    expect(builder.forming(TOKEN)).toMatchObject({
      state: 'forming',
      open: 101,
      volume: 0,
      vwap: null,
      tickCount: 1,
    });
    builder.push([full('09:15:13', 102, 1000, { lastTradeTime: at('09:15:12') })]);
    expect(builder.forming(TOKEN)).toMatchObject({ close: 101, tickCount: 1 });
  });

  test('is not told by the first tick, which may be cached', () => {
    const builder = minutes();
    builder.push([full('09:20:10', 101, 5000)]);
    expect(builder.forming(TOKEN)).toBeUndefined();
    builder.push([full('09:20:20', 102, 5010)]);
    expect(builder.forming(TOKEN)).toMatchObject({ open: 102, volume: 10, tickCount: 1 });
  });

  test('of the pre-open phase is in no bar: the first bar has what was traded since', () => {
    const builder = minutes();
    builder.push([full('09:00:01', 100, 0), full('09:08', 104, 4000), full('09:15:02', 105, 4100)]);
    expect(builder.poll(Infinity)).toMatchObject([
      { start: at('09:15'), open: 105, low: 105, volume: 100, partial: false },
    ]);
  });

  test('changes the open interest of the bar, and so does a tick without one', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010, { oi: 50 }), full('09:15:20', 101, 1010, { oi: 60 })]);
    expect(builder.forming(TOKEN)!.oi).toBe(60);
  });
});

describe('volume', () => {
  test('is the difference of the day’s volume modulo 2³²', () => {
    const builder = minutes();
    builder.push([full('09:15:01', 100, 2 ** 32 - 10), full('09:16:01', 100, 20)]);
    expect(builder.forming(TOKEN)!.volume).toBe(30);
  });

  test('that decreases within a day is that of an old tick, which is left out and counted', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010), full('09:15:09', 900, 1005)]);
    expect(builder.forming(TOKEN)).toMatchObject({ high: 101, volume: 10, tickCount: 1 });
    expect(builder.getStats().oldTicks).toBe(1);
    builder.push([full('09:15:11', 102, 1020)]);
    expect(builder.forming(TOKEN)!.volume).toBe(20);
  });

  test('begins anew each day, whether or not there was a trade before the open', () => {
    const next = (time: string, price: number, volume: number) =>
      full('09:15', price, volume, { exchangeTimestamp: at(time, '2026-07-15') });
    const builder = sinceMorning();
    builder.push([full('15:29', 101, 9000), next('08:59', 101, 9000), next('09:15:05', 99, 40)]);
    const bars = builder.poll(Infinity);
    expect(bars.at(-1)).toMatchObject({ start: at('09:15', '2026-07-15'), volume: 40, partial: false });
    builder.push([next('09:17', 99, 70)]);
    expect(builder.forming(TOKEN)!.volume).toBe(30);
  });
});

test('extremes that only the packet’s day high and low tell are used', () => {
  const ohlc = (high: number, low: number) => ({ ohlc: { open: 100, high, low, close: 100 } });
  const builder = minutes();
  builder.push([full('09:15:30', 100, 10, ohlc(110, 95)), full('09:16:10', 100, 20, ohlc(110, 95))]);
  expect(builder.forming(TOKEN)).toMatchObject({ high: 100, low: 100 });
  builder.push([full('09:16:20', 101, 30, ohlc(112, 94)), full('09:17:01', 101, 40, ohlc(112, 94))]);
  expect(builder.poll(at('09:17:02'))).toMatchObject([{ high: 112, low: 94, open: 100, close: 101 }]);
  expect(builder.forming(TOKEN)).toMatchObject({ high: 101, low: 101 });
});

describe('an interval without a trade', () => {
  test('has no bar', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010), full('09:19:10', 102, 1020)]);
    expect(builder.poll(Infinity).map(({ start }) => start)).toEqual([at('09:15'), at('09:19')]);
  });

  test('has one with `fill`, at the last price, each on its time and in order', () => {
    const builder = sinceMorning({ fill: true });
    builder.push([full('09:15:10', 101, 1010, { oi: 5 })]);
    expect(builder.poll(at('09:16:02'))).toHaveLength(1);
    expect(builder.dueAt(at('09:16:02'))).toBe(at('09:17:02'));
    expect(builder.poll(at('09:17:02'))).toMatchObject([
      {
        start: at('09:16'),
        open: 101,
        high: 101,
        low: 101,
        close: 101,
        volume: 0,
        vwap: null,
        oi: 5,
        tickCount: 0,
      },
    ]);
    builder.push([full('09:20:10', 102, 1020)]);
    expect(builder.poll(at('09:21:02')).map(({ start, tickCount }) => [start, tickCount])).toEqual([
      [at('09:17'), 0],
      [at('09:18'), 0],
      [at('09:19'), 0],
      [at('09:20'), 1],
    ]);
  });

  test('is filled until the session ends, and not overnight', () => {
    const builder = sinceMorning({ interval: '15m', fill: true });
    builder.push([full('15:00:10', 101, 1010)]);
    expect(builder.poll(Infinity).map(({ end }) => end)).toEqual([at('15:15'), at('15:30')]);
    expect(builder.dueAt(at('18:00'))).toBeNull();
  });
});

describe('a late tick', () => {
  test('still goes into a bar that has ended and is not closed', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010), full('09:16:00', 102, 1020), full('09:15:59', 99, 1030)]);
    expect(builder.poll(at('09:16:02'))).toMatchObject([{ low: 99, close: 99, volume: 20, revision: 0 }]);
  });

  test('revises the bar that was closed last', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010)]);
    builder.poll(at('09:16:02'));
    expect(builder.push([full('09:15:59', 99, 1030)])).toMatchObject([
      { start: at('09:15'), state: 'closed', low: 99, close: 99, volume: 30, revision: 1 },
    ]);
    expect(builder.push([full('09:15:58', 120, 1040)])).toMatchObject([
      { high: 120, close: 99, volume: 40, revision: 2 },
    ]);
  });

  test('for an older bar is counted, and its volume is not lost', () => {
    const builder = sinceMorning();
    builder.push([full('09:15:10', 101, 1010)]);
    builder.push([full('09:17:10', 102, 1020)]);
    builder.poll(at('09:18:02'));
    expect(builder.push([full('09:16:30', 103, 1030)])).toEqual([]);
    expect(builder.getStats().lateTicks).toBe(1);
    builder.push([full('09:18:30', 104, 1040)]);
    expect(builder.forming(TOKEN)).toMatchObject({ start: at('09:18'), volume: 20 });
  });
});

describe('an incomplete first bar', () => {
  test('is partial, and the next one is not', () => {
    const builder = minutes();
    builder.push([full('09:20:10', 101, 5000), full('09:20:20', 102, 5010), full('09:21:20', 102, 5020)]);
    expect(builder.poll(Infinity).map(({ partial }) => partial)).toEqual([true, false]);
  });

  test('is none where the first tick is of the time before it', () => {
    const builder = minutes();
    builder.push([full('09:19:59', 101, 5000), full('09:20:20', 102, 5010)]);
    expect(builder.forming(TOKEN)!.partial).toBe(false);
  });
});

describe('ticks that carry no time', () => {
  test('build bars by arrival, which say so', () => {
    const builder = minutes();
    const batch = (time: string, price: number, volume: number) => ({
      channelId: 0 as const,
      receivedAt: at(time),
      ticks: [quote(price, volume)],
      dropped: 0,
    });
    builder.push(batch('09:14:59', 100, 0));
    builder.push(batch('09:15:30', 101, 10));
    expect(builder.forming(TOKEN)).toMatchObject({
      start: at('09:15'),
      volume: 10,
      source: 'arrival',
      oi: null,
    });
  });

  test('in mode ltp trade when the price changes', () => {
    const builder = minutes();
    for (const [time, price] of [
      ['09:15:01', 100],
      ['09:16:01', 100],
      ['09:16:02', 101],
      ['09:16:03', 99],
    ] as const)
      builder.push([ltp(price)], at(time));
    expect(builder.forming(TOKEN)).toMatchObject({
      open: 101,
      low: 99,
      volume: 0,
      vwap: null,
      tickCount: 2,
      source: 'arrival',
    });
  });

  test('are refused without a time of arrival', () => {
    const refused = expect.objectContaining({
      code: 'KITE_BARS_UNKNOWN_TIME',
      field: 'receivedAt',
    }) as unknown;
    expect(() => minutes().push([ltp(100)])).toThrow(refused);
    expect(() => minutes().push([quote(100, 1)])).toThrow(refused);
  });
});

test('an index, which has no volume, has bars by its own time', () => {
  const builder = minutes();
  // The ticks begin at 09:30 on 20 November 2026.
  builder.push([indexTick(100, 0), indexTick(101, 61), indexTick(101, 62), indexTick(99, 61)]);
  expect(builder.poll(Infinity)).toMatchObject([
    { start: istTimeOf('2026-11-20', '09:31'), close: 101, volume: 0, tickCount: 2, source: 'exchange' },
  ]);
  expect(builder.getStats().oldTicks).toBe(1);
});

test('closing auctions have a bar since 3 August 2026', () => {
  const tick = (time: string, volume: number) =>
    full('09:15', 100, volume, { exchangeTimestamp: at(time, '2026-08-04') });
  const builder = minutes();
  builder.push([tick('15:14:30', 10), tick('15:14:50', 20), tick('15:31:10', 500), tick('15:55', 510)]);
  expect(builder.poll(Infinity).map(({ start, volume }) => [start, volume])).toEqual([
    [at('15:14', '2026-08-04'), 10],
    [at('15:31', '2026-08-04'), 480],
    [at('15:34', '2026-08-04'), 10],
  ]);
});
