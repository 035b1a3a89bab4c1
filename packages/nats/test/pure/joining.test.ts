import { describe, expect, test } from 'vitest';
import { fullTick, INFY, ltpTick } from '@kite/testkit';

import { isOlder, isRepeat, placeBehind } from '../../src/subscribe/joining.js';

/** A price alone, received at this time. */
const price = (lastPrice: number, receivedAt: number) => ({ tick: ltpTick(lastPrice, INFY), receivedAt });

describe('the ticks of one publisher go on behind those of another one', () => {
  const before = [price(100, 5), price(101, 10)];

  test('behind the state that both have, the one received nearest', () => {
    const ticks = [price(100, 6), price(101, 11), price(102, 15), price(101, 20)];
    expect(placeBehind(before, ticks)).toEqual({ index: 2, followsOn: true });
  });

  test('nowhere where they end with a state that came before', () => {
    expect(placeBehind(before, [price(99, 1), price(100, 6)])).toEqual({ index: 2, followsOn: true });
  });

  test('at the first one that is surely newer where they have no state in common, and something may be missing', () => {
    const ticks = [price(102, 15), price(103, 1500)];
    expect(placeBehind(before, ticks)).toEqual({ index: 1, followsOn: false });
  });

  test('at once where there is nothing before', () => {
    expect(placeBehind([], [price(1, 1)])).toEqual({ index: 0, followsOn: false });
  });
});

test('a tick repeats the last one before it, or the one received nearest to it', () => {
  const before = [price(100, 5), price(101, 500)];
  expect(isRepeat(price(101, 700), before)).toBe(true);
  expect(isRepeat(price(100, 7), before)).toBe(true);
  // The price has come back.
  expect(isRepeat(price(100, 700), before)).toBe(false);
});

test('a tick is older by what it says, and if it says nothing by its time of receipt', () => {
  const full = (volume: number, receivedAt: number) => ({ tick: fullTick(volume, volume, 0), receivedAt });
  expect(isOlder(price(1, 5), price(2, 6))).toBe(true);
  expect(isOlder(price(1, 7), price(2, 6))).toBe(false);
  expect(isOlder(full(2, 5), full(1, 6))).toBe(false);
  expect(isOlder(full(1, 7), full(2, 6))).toBe(true);
});
