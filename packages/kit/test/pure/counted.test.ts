import { expect, test } from 'vitest';

import { counted } from '../../src/counted.js';

test.each([
  [0, '0 ticks'],
  [1, '1 tick'],
  [2, '2 ticks'],
  [1000, '1000 ticks'],
])('%d is counted as %s', (count, text) => {
  expect(counted(count, 'tick')).toBe(text);
});

test.each([
  [1, '1 instrument is'],
  [2, '2 instruments are'],
])('%d takes its verb along, where it is given one: %s', (count, text) => {
  expect(counted(count, 'instrument is', 'instruments are')).toBe(text);
});
