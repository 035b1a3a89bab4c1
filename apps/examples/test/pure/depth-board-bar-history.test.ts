import { expect, test } from 'vitest';
import { BarBuilder } from '@kite/bars';
import { INFY, ltpTick } from '@kite/testkit';

import { BarHistory, calendar } from '../../src/depth-board/page/bar-history.js';

const MIDNIGHT = Date.parse('2026-07-14T00:00+05:30');

/** A history of bars of 5 seconds, with a price each so many seconds from midnight on. */
function historyOf(
  prices: readonly (readonly [second: number, price: number])[],
  capacity = 100,
): BarHistory {
  const builder = new BarBuilder({ interval: '5s', calendar, closeAfterMs: 0 });
  const history = new BarHistory(builder, INFY, capacity);
  builder.push([ltpTick(1)], MIDNIGHT);
  for (const [second, price] of prices) {
    const now = MIDNIGHT + second * 1000;
    for (const bar of [...builder.poll(now), ...builder.push([ltpTick(price)], now)]) history.keep(bar);
  }
  return history;
}

const every5s = (count: number) => Array.from({ length: count }, (_, n) => [60 + n * 5, 100 + n] as const);
const secondsOf = ({ start }: { start: number }) => (start - MIDNIGHT) / 1000;

test('the last bar is the one that goes on', () => {
  const bars = historyOf([
    [60, 100],
    [61.5, 103],
    [63, 99],
    [64.999, 101],
  ]).all(5);
  expect(bars).toMatchObject([{ open: 100, high: 103, low: 99, close: 101, state: 'forming' }]);
});

test('keeps as many as it may, the newest, and the one that goes on', () => {
  expect(historyOf(every5s(10), 3).all(5).map(secondsOf)).toEqual([90, 95, 100, 105]);
});

test('bars since a time are the last of all bars, the one that it falls on included', () => {
  const history = historyOf(every5s(48));
  for (const seconds of [5, 15, 60, 300]) {
    const all = history.all(seconds);
    expect(all.length).toBe(Math.ceil((60 % seconds) / seconds + 240 / seconds));
    for (const [index, { start }] of all.entries())
      expect(history.since(start, seconds)).toEqual(all.slice(index));
  }
  expect(history.since(MIDNIGHT + 300_000, 5)).toEqual([]);
});

test('a revision takes the place of the bar that it revises', () => {
  const history = historyOf(every5s(3));
  const [, last] = history.all(5);
  history.keep({ ...last!, high: 500, revision: 1 });
  expect(history.all(5).map(({ high }) => high)).toEqual([100, 500, 102]);
});
