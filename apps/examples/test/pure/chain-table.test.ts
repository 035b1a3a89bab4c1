import { expect, test } from 'vitest';
import type { ChainRow } from '@kite/instruments';
import type { FullTick } from '@kite/manager';
import { fullTick, indexTick } from '@kite/testkit';

import { chainTable } from '../../src/option-chain/chain-table.js';

const option = (instrumentToken: number) => ({ instrumentToken }) as ChainRow['ce'];

const rows: ChainRow[] = [
  { strike: 20_900, ce: option(1)!, pe: option(2)! },
  { strike: 20_950, ce: option(3)! },
];

const level = (price: number, quantity: number) => ({ price, quantity, orders: 1 });

const tick = (lastPrice: number, bid: number, ask: number): FullTick => {
  const full: FullTick = fullTick(lastPrice, 1, 1);
  full.oi = 1_234_567;
  full.depth.buy[0] = level(bid, 75);
  full.depth.sell[0] = level(ask, 0);
  return full;
};

function lines(spot: number, ticks: ReadonlyMap<number, FullTick> = new Map(), columns?: number): string[] {
  const tickOf = (token: number | undefined) => (token === undefined ? undefined : ticks.get(token));
  return chainTable({ title: 'NIFTY', spot: indexTick(spot, 0), rows, tickOf }, columns);
}

test('a chain has a line for each strike, all equally wide, and a dash for what is not known', () => {
  const picture = lines(20_910, new Map([[1, tick(150.5, 150.45, 150.55)]]));
  expect(picture[0]).toBe('NIFTY: spot 20,910.00');
  expect(picture[2]).toMatch(/^ +12,34,567 +150\.45 +– +150\.50 +▸20900 +– +– +– +–$/u);
  expect(picture[3]).toMatch(/^ +– +– +– +– +20950 +– +– +– +–$/u);
  expect(new Set(picture.slice(1).map(({ length }) => length)).size).toBe(1);
});

test('the strike that is nearest to the price is marked, the lower one of two', () => {
  expect(lines(20_926)[3]).toContain('▸20950');
  expect(lines(20_925)[2]).toContain('▸20900');
  expect(lines(20_925).join('\n').split('▸')).toHaveLength(2);
});

test.each([
  [96, /^ +call OI +bid +ask +last +strike +last +bid +ask +put OI$/],
  [80, /^ +call OI +last +strike +last +put OI$/],
  [40, /^ +last +strike +last$/],
])('in %i columns no line is wider than the terminal', (columns, heads) => {
  const picture = lines(20_910, new Map([[1, tick(150.5, 150.45, 150.55)]]), columns);
  expect(picture[1]).toMatch(heads);
  expect(picture[2]).toContain('150.50');
  expect(Math.max(...picture.map(({ length }) => length))).toBeLessThanOrEqual(columns);
});
