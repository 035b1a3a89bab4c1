import { expect, test } from 'vitest';

import { wrapped } from '../../src/live-market/wrapped.js';

test.each([
  ['short', 10, ['short']],
  ['one two three', 9, ['one two', '  three']],
  ['one two three four', 11, ['one two', '  three', '  four']],
  ['unbreakable', 6, ['unbrea', '  kabl', '  e']],
])('%j in lines of %d breaks between words, and indents what follows', (text, width, lines) => {
  expect(wrapped(text, width, 2)).toEqual(lines);
  expect(wrapped(text, width, 2).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  for (const line of wrapped(text, width, 2)) expect(line.length).toBeLessThanOrEqual(width);
});

test('ends in whatever width, one that has no room for the indent too', () => {
  for (const width of [0, 1, 2, 3, 5])
    for (const line of wrapped('two words', width, 16))
      expect(line.length).toBeLessThanOrEqual(Math.max(1, width));
});
