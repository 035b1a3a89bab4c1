import { expect, test } from 'vitest';

import { Shares } from '../../src/run/shares.js';

test('an instrument is wanted while any part wants it, in the highest mode that any part wants', () => {
  const shares = new Shares();
  expect(shares.change('a', [1, 2], 'quote')).toEqual({ begun: [1, 2], ended: [] });
  expect(shares.change('b', [2, 3], 'full')).toEqual({ begun: [3], ended: [] });
  expect(shares.change('b', [2], 'ltp')).toEqual({ begun: [], ended: [] });
  expect([...shares.union]).toEqual([
    [1, 'quote'],
    [2, 'quote'],
    [3, 'full'],
  ]);
  expect(shares.change('a', [1, 2, 9], undefined)).toEqual({ begun: [], ended: [1] });
  expect(shares.union.get(2)).toBe('ltp');
  expect([...shares.of('a')]).toEqual([]);
});
