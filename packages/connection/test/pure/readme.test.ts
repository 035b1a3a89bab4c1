import { describe, expect, test } from 'vitest';
import { CONNECTION_ERRORS, KiteTicker } from '@kite/connection';
import { connectionOptions, Readme } from '@kite/testkit';

import { CONNECTION_DEFAULTS, CREDENTIAL_RULES } from '../../src/options.js';

const readme = new Readme(new URL('../../README.md', import.meta.url));

describe('the README', () => {
  test('has every option, with its true default', () => {
    expect(readme.options()).toEqual(connectionOptions(CREDENTIAL_RULES, CONNECTION_DEFAULTS));
  });

  test('has every error code', () => {
    expect(readme.table('## Errors').map(([code]) => code)).toEqual(Object.keys(CONNECTION_ERRORS));
  });

  test('has every figure', () => {
    const figures = Object.keys(new KiteTicker({ apiKey: 'key', accessToken: 'token' }).getStats());
    expect(readme.lacks(figures)).toEqual([]);
  });
});
