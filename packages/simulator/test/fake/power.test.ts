import { expect, test } from 'vitest';

import { power } from '../../src/power.js';

test('a power is what ** gives, to eleven digits', () => {
  for (const base of [0.001, 0.5, 1, 2.718281828459045, 300])
    for (const exponent of [-3.7, -1 / 1.1, -1, 0, 0.25, 1.3, 5, 11.9]) {
      const expected = base ** exponent;
      expect(Math.abs(power(base, exponent) / expected - 1)).toBeLessThan(1e-11);
    }
});

test('whole exponents are exact, and nought has powers too', () => {
  expect([power(3, 5), power(10, 0), power(0, 1.3), power(0, 0)]).toEqual([243, 1, 0, 1]);
});
