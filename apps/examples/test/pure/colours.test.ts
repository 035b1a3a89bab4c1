import { expect, test } from 'vitest';

import { colourLevel } from '../../src/live-market/colours.js';

test.each([
  [{}, 2, 2],
  [{ NO_COLOR: '1' }, 2, 0],
  [{ NO_COLOR: '' }, 2, 2],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, 1, 1],
] as const)('with %j, of %j levels of colour %j are used', (env, shown, used) => {
  expect(colourLevel(env, shown)).toBe(used);
});
