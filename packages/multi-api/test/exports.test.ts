import { readFileSync, readdirSync } from 'node:fs';
import * as manager from '@kite/manager';
import * as kite from '@kite/multi-api';
import { describe, expect, test } from 'vitest';

const below = new Set(Object.keys(manager));

describe('the public surface', () => {
  test('is this, and a change of it is a visible one', () => {
    const own = Object.keys(kite).filter((name) => !below.has(name));
    expect(own.sort()).toMatchInlineSnapshot(`
      [
        "DistributionStrategy",
        "MULTI_API_ERRORS",
        "MultiApiKiteTickerManager",
      ]
    `);
  });

  test('has all of the layers below, so that one import is enough', () => {
    expect(Object.keys(kite)).toEqual(expect.arrayContaining([...below]));
  });
});

describe('the list of error codes', () => {
  const folder = new URL('../src/', import.meta.url);
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== 'error-codes.ts')
    .map((file) => readFileSync(new URL(file, folder), 'utf8').replace(/\/\*\*.*?\*\//gs, ''))
    .join('\n');
  const used = new Set(sources.match(/'KITE_MULTI_API_[A-Z_]+'/g)?.map((code) => code.slice(1, -1)));

  test('has every code that the sources use, and no other', () => {
    expect([...used].sort()).toEqual(Object.keys(kite.MULTI_API_ERRORS).sort());
  });

  test.each(Object.entries(kite.MULTI_API_ERRORS))(
    'says of %s why it happens and what helps',
    (_code, entry) => {
      expect(entry.cause).toMatch(/^\S.*\.$/s);
      expect(entry.cure).toMatch(/^\S.*\.$/s);
    },
  );
});
