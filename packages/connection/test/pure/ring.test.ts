import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Ring } from '../../src/channel/ring.js';

test('is a queue, however it grows, wraps around and is cleared', () => {
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.constant('push' as const) },
    { weight: 4, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      for (const [index, what] of acts.entries()) {
        if (what === 'push') {
          ring.push(index);
          model.push(index);
        } else if (what === 'shift') expect(ring.shift()).toBe(model.shift());
        else {
          ring.clear();
          model.length = 0;
        }
        expect([ring.size, ring.peek()]).toEqual([model.length, model[0]]);
      }
    }),
  );
});

test('lets go of one item wherever it stands, and keeps the order of the others', () => {
  const ring = new Ring<number>();
  for (let item = 0; item < 20; item++) ring.push(item);
  for (const item of [0, 10, 19, 99]) ring.delete(item);
  expect(Array.from({ length: ring.size }, () => ring.shift())).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9],
    ...[11, 12, 13, 14, 15, 16, 17, 18],
  ]);
});
