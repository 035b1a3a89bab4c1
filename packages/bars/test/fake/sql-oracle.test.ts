import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { type Bar, barsOf, MarketCalendar } from '@kite/bars';
import { type Exchange, EXCHANGES, istDateOf } from '@kite/calendar';
import { KiteTicker } from '@kite/connection';
import { isTradable, segmentOf } from '@kite/protocol';
import { simulateDay } from '@kite/simulator';

import { DUCKDB_FOLDER, openDuckDb } from '../support/duckdb.js';

const INSTRUMENTS = 100;
const INTERVALS = [
  ['1m', 1],
  ['5m', 5],
  ['1h', 60],
  ['1d', 24 * 60],
] as const;
const MINUTE_MS = 60_000;
const calendar = new MarketCalendar();

/** Bars of one length, by the rules of the README and nothing else. */
const barsInSql = (minutes: number): string => `
  WITH newer AS (
    SELECT * FROM (
      SELECT *, max(volume) OVER (PARTITION BY token ORDER BY n ROWS UNBOUNDED PRECEDING) AS most FROM ticks
    ) WHERE volume >= most
  ), steps AS (
    SELECT *,
      lag(volume) OVER (PARTITION BY token ORDER BY n) AS volume_before,
      lag(high) OVER (PARTITION BY token ORDER BY n) AS high_before,
      lag(low) OVER (PARTITION BY token ORDER BY n) AS low_before
    FROM newer
  ), trades AS (
    SELECT steps.*, opens.open + ((time_ms - opens.open) // ${minutes * MINUTE_MS}) * ${minutes * MINUTE_MS} AS start
    FROM steps JOIN opens USING (token)
    WHERE volume > volume_before AND time_ms >= opens.open
  )
  SELECT token, start,
    arg_min(price, n) AS open,
    max(CASE WHEN high > high_before THEN greatest(price, high) ELSE price END) AS high,
    min(CASE WHEN low < low_before THEN least(price, low) ELSE price END) AS low,
    arg_max(price, n) AS close,
    sum(volume - volume_before) AS volume,
    count(*) AS ticks
  FROM trades GROUP BY token, start`;

test.skipIf(DUCKDB_FOLDER === undefined)(
  'bars of a simulated day, live, are what DuckDB makes of the same ticks (skipped where DuckDB is not installed: `npm run nightly -- bars-sql`)',
  { timeout: 900_000 },
  async () => {
    await using day = simulateDay({ seed: 7, instruments: INSTRUMENTS, stepIntervalMs: 250, to: '15:40' });
    const instruments = day.simulator.instruments.filter(
      ({ exchange, instrumentToken }) =>
        isTradable(segmentOf(instrumentToken)) && (EXCHANGES as readonly string[]).includes(exchange),
    );
    const ticker = new KiteTicker({
      ...day.options,
      apiKey: 'key',
      accessToken: 'token',
      defaultMode: 'full',
    });
    const live = INTERVALS.map(([interval]) => {
      const newest = new Map<string, Bar>();
      const done = (async () => {
        for await (const bar of barsOf(ticker, { interval }))
          newest.set(`${bar.instrumentToken} ${bar.start}`, bar);
      })();
      return { newest, done };
    });
    const rows: string[] = ['n,token,time_ms,price,high,low,volume'];
    const reading = (async () => {
      for await (const { ticks } of ticker.ticks())
        for (const tick of ticks)
          if (tick.mode === 'full' && tick.tradable)
            rows.push(
              [
                rows.length,
                tick.instrumentToken,
                tick.exchangeTimestamp,
                tick.lastPrice,
                tick.ohlc.high,
                tick.ohlc.low,
                tick.volumeTraded,
              ].join(),
            );
    })();
    void ticker.connect();
    void ticker.subscribe(instruments.map(({ instrumentToken }) => instrumentToken));
    await day.runUntil(day.endsAt);
    await day.runUntil(ticker.close());
    await Promise.all([reading, ...live.map(({ done }) => done)]);

    const folder = mkdtempSync(path.join(tmpdir(), 'kite-bars-'));
    try {
      const file = path.join(folder, 'ticks.csv');
      writeFileSync(file, rows.join('\n'));
      const sql = await openDuckDb(DUCKDB_FOLDER!);
      await sql.run(`CREATE TABLE ticks AS FROM read_csv('${file}')`);
      const opens = instruments.map(({ exchange, instrumentToken }) => {
        const { open } = calendar.sessionOf(exchange as Exchange, istDateOf(day.startsAt))!;
        return `(${instrumentToken}, ${open})`;
      });
      await sql.run(`CREATE TABLE opens AS FROM (VALUES ${opens.join()}) AS t(token, open)`);
      let compared = 0;
      for (const [index, [interval, minutes]] of INTERVALS.entries()) {
        const found = (await sql.runAndReadAll(barsInSql(minutes))).getRowObjects().map(asNumbers);
        const wanted = new Map(found.map(({ token, start, ...bar }) => [`${token} ${start}`, bar]));
        const ours = new Map(
          [...live[index]!.newest].map(([key, { open, high, low, close, volume, tickCount: ticks }]) => [
            key,
            { open, high, low, close, volume, ticks },
          ]),
        );
        // One comparison for all: a hundred thousand by `expect` take minutes.
        const different = [...new Set([...ours.keys(), ...wanted.keys()])].filter(
          (key) => !isDeepStrictEqual(ours.get(key), wanted.get(key)),
        );
        expect(
          different.slice(0, 3).map((key) => ({ interval, key, ours: ours.get(key), sql: wanted.get(key) })),
        ).toEqual([]);
        compared += wanted.size;
      }
      expect(compared).toBeGreaterThan(10_000);
      process.stdout.write(`${rows.length - 1} ticks, ${compared} bars are the same in SQL\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/** Integers of SQL are bigints. */
function asNumbers(row: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}
