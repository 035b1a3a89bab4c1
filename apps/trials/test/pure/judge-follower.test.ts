import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { type Delivery, judgeFollower } from '../../src/oracle/judge-follower.js';
import { TickKeys } from '../../src/oracle/tick-keys.js';
import { Wanted } from '../../src/oracle/wanted.js';
import { from, recordOf, tick, TOKEN } from '../support/streams.js';

const keys = new TickKeys();

const price = (lastPrice: number): Item => ({
  type: 'ticks',
  ticks: [tick(lastPrice)],
  receivedAt: 0,
  from: from(0),
});
const dropped = (count: number): Item => ({ type: 'dropped', count, from: from(0) });

/** The rules that are broken by one who is handed these, where the prices 1, 2, 3 came a second apart. */
function broken(items: readonly (readonly [at: number, Item])[], begins = 0): string[] {
  const deliveries: Delivery[] = [1, 2, 3].map((lastPrice) => ({
    key: keys.of(tick(lastPrice)),
    at: lastPrice * 1000,
    state: undefined,
  }));
  const wanted = new Wanted();
  wanted.note([TOKEN], 0, true);
  const stream = recordOf(
    items.map(([at, item]) => [at * 1000, item]),
    { from: begins * 1000 },
  );
  return judgeFollower(stream, {
    deliveries: new Map([[TOKEN, deliveries]]),
    tokens: [TOKEN],
    wanted,
    keys,
    longestWayMs: 100,
  }).map(({ rule }) => rule);
}

describe('a slow consumer of a merged stream is handed what the one that reads everything was', () => {
  test('all of it, later', () => {
    expect(
      broken([
        [5, price(1)],
        [6, price(2)],
        [7, price(3)],
      ]),
    ).toEqual([]);
  });

  test('only after it came', () => {
    expect(broken([[3, price(3)]], 2.5)).toEqual([]);
  });

  test('but for what was counted as dropped', () => {
    expect(
      broken([
        [5, price(1)],
        [6, dropped(1)],
        [7, price(3)],
      ]),
    ).toEqual([]);
    expect(
      broken([
        [5, price(1)],
        [7, price(3)],
      ]),
    ).toEqual(['lost']);
    expect(
      broken([
        [5, price(1)],
        [6, price(2)],
      ]),
    ).toEqual(['lost']);
  });

  test('never twice, never turned back, and nothing that did not come', () => {
    const all: [number, Item][] = [1, 2, 3].map((n) => [5, price(n)]);
    expect(broken([...all, [6, price(3)]])).toEqual(['repeated']);
    expect(broken([...all, [6, price(1)]])).toEqual(['turned-back']);
    expect(broken([...all, [6, price(4)]])).toEqual(['invented']);
    expect(broken([[0.5, price(1)], ...all.slice(1)])).toContain('invented');
  });
});
