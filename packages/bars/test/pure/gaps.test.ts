import { describe, expect, test } from 'vitest';
import { BarBuilder, type BarOptions, type Candle, type TickerMessage } from '@kite/bars';
import { settled } from '@kite/testkit';

import { at, full, TOKEN } from '../support/ticks.js';

const gapOf = (from: string, to: string, more: object = {}): TickerMessage => ({
  type: 'gap',
  channelId: 0,
  receivedAt: at(to),
  from: at(from),
  to: at(to),
  reason: 'test',
  ...more,
});
const ticks = (...list: ReturnType<typeof full>[]): TickerMessage => ({
  type: 'ticks',
  channelId: 0,
  receivedAt: 0,
  ticks: list,
});

function sinceMorning(options: Partial<BarOptions> = {}) {
  const builder = new BarBuilder({ interval: '1m', ...options });
  builder.push(ticks(full('09:08', 100, 1000)));
  return builder;
}

describe('a gap', () => {
  test('marks the bar that goes on', () => {
    const builder = sinceMorning();
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push(gapOf('09:15:20', '09:15:40'));
    builder.push(ticks(full('09:15:50', 101, 1020)));
    expect(builder.poll(Infinity)).toMatchObject([{ gap: true, volume: 20 }]);
  });

  test('marks a bar that the clock had closed meanwhile, which comes again', () => {
    const builder = sinceMorning();
    builder.push(ticks(full('09:15:10', 101, 1010)));
    expect(builder.poll(at('09:16:02'))).toMatchObject([{ gap: false, revision: 0 }]);
    expect(builder.push(gapOf('09:15:20', '09:18:40'))).toMatchObject([
      { start: at('09:15'), gap: true, revision: 1 },
    ]);
    builder.push(ticks(full('09:18:41', 104, 1500)));
    builder.push(ticks(full('09:19:10', 104, 1510)));
    expect(builder.poll(Infinity).map(({ start, gap }) => [start, gap])).toEqual([
      [at('09:18'), true],
      [at('09:19'), false],
    ]);
  });

  test('marks the bar that has what was traded meanwhile, though it began after the gap', () => {
    const builder = sinceMorning();
    builder.push(gapOf('09:16:20', '09:18:40'));
    builder.push(ticks(full('09:21:05', 104, 1500)));
    expect(builder.poll(Infinity)).toMatchObject([{ start: at('09:21'), gap: true, volume: 500 }]);
  });

  test('in which nothing was traded, as the first tick after it shows, marks no later bar', () => {
    const builder = sinceMorning();
    builder.push(gapOf('09:16:20', '09:18:40'));
    builder.push(ticks(full('09:18:41', 100, 1000)));
    builder.push(ticks(full('09:21:05', 104, 1500)));
    expect(builder.poll(Infinity)).toMatchObject([{ gap: false }]);
  });

  test('over the open makes the first bar partial', () => {
    const builder = sinceMorning();
    builder.push(ticks(full('15:29', 101, 9000)));
    builder.poll(Infinity);
    const date = '2026-07-15';
    const next = (time: string, volume: number) =>
      ticks(full('09:15', 99, volume, { exchangeTimestamp: at(time, date) }));
    builder.push({ ...gapOf('15:40', '15:40'), to: at('09:20:05', date) } as TickerMessage);
    builder.push(next('09:20:06', 800));
    builder.push(next('09:20:30', 810));
    expect(builder.poll(Infinity)).toMatchObject([{ start: at('09:20', date), volume: 10, partial: true }]);
  });

  test('concerns the instruments that it names, and of an account’s connection those that it streams', () => {
    for (const [gap, isMarked] of [
      [gapOf('09:15:20', '09:15:40', { instrumentTokens: [TOKEN] }), true],
      [gapOf('09:15:20', '09:15:40', { instrumentTokens: [738561] }), false],
      [gapOf('09:15:20', '09:15:40', { channelId: 1 }), false],
      [gapOf('09:15:20', '09:15:40', { apiKeyId: 'second' }), false],
    ] as const) {
      const builder = sinceMorning();
      builder.push(ticks(full('09:15:10', 101, 1010)));
      builder.push(gap);
      expect(builder.forming(TOKEN)!.gap).toBe(isMarked);
    }
  });

  test('marks the bars that were filled in while it lasted', () => {
    const builder = sinceMorning({ fill: true });
    builder.push(ticks(full('09:15:10', 101, 1010)));
    expect(builder.poll(at('09:18:02'))).toHaveLength(3);
    expect(builder.push(gapOf('09:16:30', '09:18:10'))).toMatchObject([
      { start: at('09:16'), gap: true, revision: 1, tickCount: 0 },
      { start: at('09:17'), gap: true, revision: 1, tickCount: 0 },
    ]);
  });

  test('can ride on a batch of ticks', () => {
    const builder = new BarBuilder({ interval: '1m' });
    const batch = (time: string, volume: number) => ({
      channelId: 0 as const,
      receivedAt: at(time),
      dropped: 0,
      ticks: [full(time, 100, volume)],
    });
    builder.push(batch('09:14', 0));
    builder.push({
      ...batch('09:15:50', 10),
      gap: { from: at('09:15:20'), to: at('09:15:40'), reason: 'x' },
    });
    expect(builder.forming(TOKEN)!.gap).toBe(true);
  });
});

describe('ticks that this reader lost', () => {
  test('mark the bars that are open, and no later ones', () => {
    const builder = sinceMorning();
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push({ type: 'lagged', channelId: 0, receivedAt: 0, dropped: 3 });
    expect(builder.forming(TOKEN)!.gap).toBe(true);
    builder.push(ticks(full('09:16:10', 101, 1020)));
    expect(builder.poll(Infinity).map(({ gap }) => gap)).toEqual([true, false]);
  });

  test('of another connection mark nothing', () => {
    const builder = sinceMorning();
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push({ type: 'lagged', channelId: 2, receivedAt: 0, dropped: 3 });
    expect(builder.poll(Infinity)).toMatchObject([{ gap: false }]);
  });
});

describe('repair', () => {
  const candle = (time: string, close: number): Candle => ({
    start: at(time),
    open: 90,
    high: 130,
    low: 80,
    close,
    volume: 70,
    oi: 3,
  });

  /** What was asked, and a builder whose repairs answer with these candles. */
  function repairing(candles: readonly Candle[] | Error, interval: BarOptions['interval'] = '1m') {
    const asked: [number, number, number][] = [];
    const builder = sinceMorning({
      interval,
      repair: async (...request) => {
        asked.push(request);
        if (candles instanceof Error) throw candles;
        return candles;
      },
    });
    return { builder, asked };
  }

  test('asks for a bar with a gap once, and brings it again with the next revision', async () => {
    const { builder, asked } = repairing([candle('09:15', 111)]);
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push(gapOf('09:15:20', '09:15:40'));
    builder.poll(at('09:16:02'));
    expect(asked).toEqual([[TOKEN, at('09:15'), at('09:16')]]);
    await settled();
    expect(builder.poll(at('09:16:03'))).toMatchObject([
      {
        start: at('09:15'),
        open: 90,
        high: 130,
        low: 80,
        close: 111,
        volume: 70,
        oi: 3,
        vwap: null,
        gap: false,
        partial: false,
        revision: 1,
        source: 'historical',
        state: 'closed',
        tickCount: 1,
      },
    ]);
    for (const second of ['04', '05', '30']) builder.poll(at(`09:16:${second}`));
    await settled();
    expect(asked).toHaveLength(1);
    expect(builder.getStats()).toMatchObject({
      repairsDone: 1,
      repairsWaiting: 0,
      repairsFailed: 0,
      lastRepairError: null,
    });
    expect(builder.dueAt(at('09:17'))).toBeNull();
  });

  test('brings the bars that the outage left out', async () => {
    const { builder, asked } = repairing([
      candle('09:16', 1),
      candle('09:17', 2),
      candle('09:18', 3),
      candle('09:21', 4),
    ]);
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.poll(at('09:16:02'));
    builder.push(gapOf('09:16:05', '09:18:40'));
    builder.push(ticks(full('09:18:41', 104, 1500)));
    builder.poll(at('09:19:02'));
    expect(asked).toEqual([[TOKEN, at('09:16'), at('09:19')]]);
    await settled();
    expect(
      builder.poll(at('09:19:03')).map(({ start, close, revision }) => [start, close, revision]),
    ).toEqual([
      [at('09:16'), 1, 1],
      [at('09:17'), 2, 1],
      [at('09:18'), 3, 1],
    ]);
  });

  test('puts minutes together for longer bars, in any order', async () => {
    const { builder } = repairing([candle('09:17', 3), candle('09:15', 1), candle('09:16', 2)], '5m');
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push(gapOf('09:15:20', '09:15:40'));
    builder.poll(at('09:20:02'));
    await settled();
    expect(builder.poll(at('09:20:03'))).toMatchObject([
      { start: at('09:15'), end: at('09:20'), close: 3, volume: 210, revision: 1 },
    ]);
  });

  test('asks at most 3 times a second, whatever the clock does', () => {
    const asked: number[] = [];
    let now = at('09:16:02');
    const builder = sinceMorning({
      repair: () => {
        asked.push(now);
        return new Promise(() => undefined);
      },
    });
    const tokens = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => n * 256 + 1);
    for (const instrumentToken of tokens) {
      builder.push(ticks(full('09:14', 100, 0, { instrumentToken })));
      builder.push(ticks(full('09:15:10', 101, 10, { instrumentToken })));
    }
    builder.push(gapOf('09:15:20', '09:15:40'));
    for (let i = 0; i < 400; i++, now += 10) builder.poll(now);
    expect(asked).toHaveLength(8);
    for (let i = 3; i < asked.length; i++) expect(asked[i]! - asked[i - 3]!).toBeGreaterThanOrEqual(1000);
  });

  test('that fails, or never answers, is counted and costs nothing else', async () => {
    const { builder } = repairing(new Error('HTTP 429'));
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push(gapOf('09:15:20', '09:15:40'));
    builder.poll(at('09:16:02'));
    await settled();
    expect(builder.poll(at('09:16:03'))).toEqual([]);
    expect(builder.getStats()).toMatchObject({
      repairsFailed: 1,
      lastRepairError: expect.stringContaining('HTTP 429') as string,
    });

    const silent = sinceMorning({ repair: () => new Promise(() => undefined) });
    silent.push(ticks(full('09:15:10', 101, 1010)));
    silent.push(gapOf('09:15:20', '09:15:40'));
    silent.poll(at('09:16:02'));
    expect(silent.getStats().repairsWaiting).toBe(1);
    silent.poll(at('09:16:32'));
    expect(silent.getStats()).toMatchObject({ repairsWaiting: 0, repairsFailed: 1 });
    expect(silent.dueAt(at('09:17'))).toBeNull();
  });

  test.each([null, 'candles', [null], [{ start: 1 }], [{ ...candle('09:15', NaN) }]])(
    'that answers with %j is a failed one',
    async (answer) => {
      const { builder } = repairing(answer as never);
      builder.push(ticks(full('09:15:10', 101, 1010)));
      builder.push(gapOf('09:15:20', '09:15:40'));
      builder.poll(at('09:16:02'));
      await settled();
      expect(builder.poll(at('09:16:03'))).toEqual([]);
      expect(builder.getStats().repairsFailed).toBe(1);
    },
  );

  test('comes before a late tick, which goes on from what history says', async () => {
    const { builder } = repairing([candle('09:15', 111)]);
    builder.push(ticks(full('09:15:10', 101, 1010)));
    builder.push(gapOf('09:15:20', '09:15:40'));
    builder.poll(at('09:16:02'));
    await settled();
    builder.poll(at('09:16:03'));
    expect(builder.push(ticks(full('09:15:59', 200, 1020)))).toMatchObject([
      { revision: 2, high: 200, volume: 80, source: 'historical' },
    ]);
  });
});
