import { describe, expect, test } from 'vitest';
import { retryAfter } from '@kite/kit';

const NOW = Date.parse('Fri, 20 Nov 2026 04:00:00 GMT');

describe('the header Retry-After', () => {
  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['9'.repeat(400), Infinity],
    ['Fri, 20 Nov 2026 04:01:30 GMT', 90_000],
    ['Fri, 20 Nov 2026 03:00:00 GMT', 0],
  ])('%j is a pause of %d ms', (header, expected) => {
    expect(retryAfter(header, NOW)).toBe(expected);
  });

  test.each([[null], [undefined], [''], ['soon'], ['-5'], ['1.5'], ['2026'.repeat(2) + '-']])(
    '%j is none',
    (header) => {
      expect(retryAfter(header, NOW)).toBeUndefined();
    },
  );

  test('with a date that cannot be compared is none', () => {
    expect(retryAfter('Fri, 20 Nov 2026 04:01:30 GMT', NaN)).toBeUndefined();
  });
});
