import { describe, expect, test } from 'vitest';

import {
  clockTime,
  count,
  duration,
  megabytes,
  percent,
  price,
  rupees,
  shortDuration,
  signed,
} from '../../src/kit/format.js';

describe('numbers on the screen', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [100_000, '1,00,000'],
    [2_600_000_000, '2,60,00,00,000'],
  ])('count(%d) is %s, in lakhs and crores', (value, text) => {
    expect(count(value)).toBe(text);
  });

  test.each([
    [408065, 1573.15, '1,573.15'],
    [408065, 1573.1, '1,573.10'],
    [256000 + 3, 84.9125, '84.9125'],
    [256000 + 6, 84.9, '84.9000'],
    [256000 + 7, -20.65, '-20.65'],
    [31503116, 26850, '26,850.00'],
  ])('an instrument %d at %d is shown as %s', (token, value, text) => {
    expect(price(value, token)).toBe(text);
  });

  test('a price has a rupee sign, and an index none', () => {
    expect([rupees(1573.15, 408065), rupees(20917.05, 256265)]).toEqual(['₹1,573.15', '20,917.05']);
  });

  test.each([
    [1.234, '+1.23%'],
    [-1.234, '-1.23%'],
    [0, '0.00%'],
  ])('a change of %d percent is shown as %s', (value, text) => {
    expect(percent(value)).toBe(text);
  });

  test('shows the sign of a rise', () => {
    expect([signed(1, 'x'), signed(0, 'x'), signed(-1, '-x')]).toEqual(['+x', 'x', '-x']);
  });

  test.each([
    [-5, '0.0s', '0.0s'],
    [420, '0.4s', '0.4s'],
    [9_949, '9.9s', '9.9s'],
    [10_000, '10s', '10s'],
    [59_999, '59s', '59s'],
    [185_000, '3m 05s', '3m'],
    [3_720_000, '1h 02m', '1h'],
  ])('%d ms are %s, or %s where space is short', (ms, long, short) => {
    expect([duration(ms), shortDuration(ms)]).toEqual([long, short]);
  });

  test('shows the time of day and sizes', () => {
    expect(clockTime(0)).toMatch(/^\d\d:\d\d:00$/);
    expect(megabytes(150 * 2 ** 20)).toBe('150 MB');
  });
});
