import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { describeValue } from '../../src/describe-value.js';

describe('a value is described', () => {
  test.each([
    ['text "quoted"\n', '"text \\"quoted\\"\\n"'],
    [5n, '5n'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [[1, [2]], '[1,[2]]'],
    [{ toJSON: () => undefined }, '{}'],
    [{}, '{}'],
    [new Map([[1, 2]]), '[object Map]'],
    [Promise.resolve(), '[object Promise]'],
    [{ big: 1n }, 'an object that JSON cannot hold'],
  ])('%#', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  test('in one line of at most 80 characters, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ minLength: 70, maxLength: 200 })), (value) => {
        const text = describeValue(value);
        expect(text.length).toBeLessThanOrEqual(80);
        expect(text).not.toMatch(/\n/);
      }),
    );
    expect(describeValue('x'.repeat(1e6))).toHaveLength(80);
  });
});
