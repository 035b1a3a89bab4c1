import fc from 'fast-check';
import { expect, test } from 'vitest';

import { backoffDelay } from '../../src/socket/backoff.js';

const options = { reconnectDelayMs: 2000, maxReconnectDelayMs: 30_000 };

test.each([
  { failures: 1, longest: 4000 },
  { failures: 2, longest: 8000 },
  { failures: 3, longest: 16_000 },
  { failures: 4, longest: 30_000 },
  { failures: 5, longest: 30_000 },
  { failures: 5000, longest: 30_000 },
])(
  'after $failures failures the delay lies anywhere between 2000 and $longest ms',
  ({ failures, longest }) => {
    expect(backoffDelay(failures, 0, options)).toBe(2000);
    expect(backoffDelay(failures, 0.5, options)).toBe((2000 + longest) / 2);
    expect(backoffDelay(failures, 1 - 2 ** -53, options)).toBeCloseTo(longest, 6);
  },
);

test('one delay alone leaves nothing to chance', () => {
  expect(backoffDelay(3, 0.7, { reconnectDelayMs: 50, maxReconnectDelayMs: 50 })).toBe(50);
});

test('whatever the options, the delay stays within them and its ceiling never falls with more failures', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (reconnectDelayMs, more, failures, chance) => {
        const paced = { reconnectDelayMs, maxReconnectDelayMs: reconnectDelayMs + more };
        const delay = backoffDelay(failures, chance, paced);
        expect(delay).toBeGreaterThanOrEqual(reconnectDelayMs);
        expect(delay).toBeLessThanOrEqual(paced.maxReconnectDelayMs);
        expect(backoffDelay(failures + 1, chance, paced)).toBeGreaterThanOrEqual(delay);
      },
    ),
  );
});
