import { expect, test } from 'vitest';

import { subjectFilter } from '../../src/subject-filter.js';

test.each([
  ['kite.m.a', 'kite.m.a', true],
  ['kite.m.*', 'kite.m.a', true],
  ['kite.t.*.*.7', 'kite.t.3.1.7', true],
  ['kite.t.*.*.7', 'kite.t.3.1.77', false],
  ['kite.m.*', 'kite.m', false],
  ['kite.m.*', 'kite.m.a.b', false],
])('the pattern %s and the subject %s: %s', (pattern, subject, matches) => {
  expect(subjectFilter(pattern)(subject)).toBe(matches);
});
