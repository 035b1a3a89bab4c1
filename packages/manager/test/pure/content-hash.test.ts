import { expect, test } from 'vitest';

import { contentHash } from '../../src/content-hash.js';

test('a JSON value has the same hash whatever the order of its fields, at any depth', () => {
  const one = { a: 1, b: [{ c: 2, d: { e: 3, f: null } }], '2': 0, '1': 0 };
  const other = { '1': 0, '2': 0, b: [{ d: { f: null, e: 3 }, c: 2 }], a: 1 };
  expect(contentHash(other)).toBe(contentHash(one));
});

test.each<[unknown, unknown]>([
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: { b: 1 } }, { a: { b: 2 } }],
  [{ a: { b: 1 } }, { a: 1, b: 1 }],
  [{}, []],
  [null, 'null'],
  [JSON.parse('{"__proto__":1}'), {}],
])('%j and %j have two hashes', (one, other) => {
  expect(contentHash(one)).not.toBe(contentHash(other));
});

test('a value that is nested too deeply to be written has none', () => {
  let deep: unknown = [];
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  expect(contentHash(deep)).toBeUndefined();
  expect(contentHash(undefined)).toBeDefined();
});
