import { describe, expect, test } from 'vitest';
import { CONNECTION_ERRORS, KiteTicker } from '@kite/connection';
import { Readme } from '@kite/testkit';

import { CONNECTION_DEFAULTS, CREDENTIAL_RULES } from '../../src/options.js';

const readme = new Readme(new URL('../../README.md', import.meta.url));

describe('the README', () => {
  test('has every option, with its true default', () => {
    const documented = Object.fromEntries(
      readme.table('## Options').map(([option = '', value = '']) => [option, value]),
    );
    const {
      clock: _clock,
      random: _random,
      transport: _transport,
      divisors: _divisors,
      tls: _tls,
      ...plain
    } = CONNECTION_DEFAULTS;
    expect(documented).toEqual({
      ...Object.fromEntries(Object.keys(CREDENTIAL_RULES).map((option) => [option, 'required'])),
      ...Object.fromEntries(Object.entries(plain).map(([option, value]) => [option, String(value)])),
      divisors: 'the known ones',
      proxy: 'none',
      tls: "Node's own",
      localAddress: "the system's choice",
      family: 'both',
      '`clock`, `random`, `transport`': "the machine's own, `ws`",
    });
  });

  test('has every error code', () => {
    expect(readme.table('## Errors').map(([code]) => code)).toEqual(Object.keys(CONNECTION_ERRORS));
  });

  test('has every figure', () => {
    const figures = Object.keys(new KiteTicker({ apiKey: 'key', accessToken: 'token' }).getStats());
    expect(readme.lacks(figures)).toEqual([]);
  });
});
