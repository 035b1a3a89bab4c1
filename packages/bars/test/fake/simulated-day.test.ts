import { beforeAll, expect, test } from 'vitest';
import { type Bar, BarBuilder, barsOf, type TickerMessage } from '@kite/bars';
import { istTimeOf } from '@kite/calendar';
import { KiteTicker } from '@kite/connection';
import { simulateDay } from '@kite/simulator';
import { INFY, NIFTY, RELIANCE } from '@kite/testkit';

const DATE = '2026-07-14';

/** The bars of part of a simulated day, built live, and everything that they were built from. */
let live: Bar[];
let messages: TickerMessage[];

beforeAll(async () => {
  live = [];
  messages = [];
  await using day = simulateDay({
    date: DATE,
    from: '09:10',
    seed: 7,
    faults: 'none',
    instruments: [INFY, RELIANCE, NIFTY].map((instrumentToken) => ({ instrumentToken })),
  });
  const ticker = new KiteTicker({ ...day.options, apiKey: 'key', accessToken: 'token', defaultMode: 'full' });
  const bars = (async () => {
    for await (const bar of barsOf(ticker, { interval: '1m' })) live.push(bar);
  })();
  const all = (async () => {
    for await (const message of ticker.messages()) messages.push(message);
  })();
  void ticker.connect();
  void ticker.subscribe([INFY, RELIANCE, NIFTY]);
  await day.runUntil('09:40');
  await day.runUntil(ticker.close());
  await Promise.all([bars, all]);
});

/** The newest revision of each bar; how often it was revised depends on when it was closed. */
function newest(bars: readonly Bar[]): Map<string, object> {
  const found = new Map<string, object>();
  for (const bar of bars)
    found.set(`${bar.instrumentToken} ${bar.start}`, { ...bar, revision: 0, state: 'closed' });
  return found;
}

test('bars of a simulated day, live, are the bars of the same messages afterwards', () => {
  expect(live.length).toBeGreaterThan(60);
  const builder = new BarBuilder({ interval: '1m' });
  const afterwards = [...messages.flatMap((message) => builder.push(message)), ...builder.poll(Infinity)];
  expect(Object.fromEntries(newest(live))).toEqual(Object.fromEntries(newest(afterwards)));
});

test('the volumes of a simulated day’s bars add up to what was traded since the feed came to it', () => {
  for (const token of [INFY, RELIANCE]) {
    const volumes = messages.flatMap((message) =>
      message.type === 'ticks'
        ? message.ticks.flatMap((tick) =>
            tick.mode === 'full' && tick.tradable && tick.instrumentToken === token
              ? [[tick.exchangeTimestamp!, tick.volumeTraded] as const]
              : [],
          )
        : [],
    );
    const bars = [
      ...new Map(live.filter((bar) => bar.instrumentToken === token).map((bar) => [bar.start, bar])).values(),
    ];
    const open = istTimeOf(DATE, '09:15');
    const before = volumes.filter(([time]) => time < open).at(-1) ?? volumes[0]!;
    expect(bars.reduce((sum, { volume }) => sum + volume, 0)).toBe(volumes.at(-1)![1] - before[1]);
  }
});
