import { expect, test } from 'vitest';

import { OwnedMap } from '../../src/owned-map.js';

test('its owner changes it, and the view shows that', () => {
  const owned = new OwnedMap<string, number>();
  const { view } = owned;
  owned.set('a', 1);
  owned.set('b', 2);
  expect(owned.delete('a')).toBe(true);
  expect([owned.size, owned.has('b'), owned.get('b')]).toEqual([1, true, 2]);
  expect(view).toEqual(new Map([['b', 2]]));
  expect([...view]).toEqual([['b', 2]]);
});

test.each([
  ['set', ['a', 2]],
  ['delete', ['a']],
  ['clear', []],
])('nobody else does: %s throws, and changes nothing', (method, args) => {
  const owned = new OwnedMap<string, number>();
  owned.set('a', 1);
  const view = owned.view as unknown as Record<string, (...args: unknown[]) => unknown>;
  expect(() => view[method]!(...args)).toThrow(TypeError);
  expect(owned.view).toEqual(new Map([['a', 1]]));
});
