import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import * as kite from '@kite/calendar';
import { Readme } from '@kite/testkit';

const FILE = new URL('../../README.md', import.meta.url);

const blocks = [...readFileSync(FILE, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => ({
  code,
  printed: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line),
}));

test.each(blocks)('the README prints what it says that it prints: %#', async ({ code, printed }) => {
  const { code: script } = await transform(code, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const lines: string[] = [];
  const console = { log: (...values: unknown[]) => lines.push(values.map(String).join(' ')) };
  runInNewContext(script, { console, require: () => kite, module: {} });
  expect(printed.length).toBeGreaterThan(0);
  expect(lines).toEqual(printed);
});

test('the README knows the years that the package knows', () => {
  const rows = new Readme(FILE).table('## What is known');
  const columns = [['NSE', 'BSE', 'NFO', 'BFO'], ['MCX'], ['NCO'], ['CDS', 'BCD']];
  const known = new Map(rows.map(([year, ...cells]) => [Number(year), cells]));
  expect([...known.keys()]).toEqual([...new Set(kite.HOLIDAY_YEARS.map(({ year }) => year))]);
  for (const [year, cells] of known) {
    const exchanges = kite.HOLIDAY_YEARS.filter((one) => one.year === year).flatMap((one) => one.exchanges);
    const isKnown = (column: string[]) => column.every((one) => exchanges.includes(one as kite.Exchange));
    expect(cells).toEqual(columns.map((column) => (isKnown(column) ? 'known' : 'unknown')));
  }
});
