import { expect, test } from 'vitest';
import { KiteTicker, type TickerOptions } from '@kite/connection';

import { flawOf } from '../../src/socket/credential-flaw.js';

test.each([
  ['', 'is empty'],
  [' \t\n', 'is empty'],
  ['secret\n', 'ends with a newline'],
  ['secret\r\n', 'ends with a newline'],
  ['\uFEFFsecret', 'begins with a byte order mark'],
  ['"secret"', 'has quotes around it'],
  ["'secret'", 'has quotes around it'],
  ['sec"ret', 'has a quote in it'],
  [' secret', 'has white space around it'],
  ['secret\t', 'has white space around it'],
  ['token key:secret', 'has white space in it'],
  ['sec\nret', 'has white space in it'],
  ['sec\u200Bret', 'has white space in it'],
  ['secret\u200E', 'has white space in it'],
  ['secret\uFEFF', 'has white space around it'],
  ['sec\u00ADret', 'has white space in it'],
  ['sec\u0000ret', 'has white space in it'],
])(
  '%j can be no credential: it %s; options and updates are refused before anything is dialled',
  async (given, flaw) => {
    expect(flawOf(given)).toBe(flaw);
    const good: TickerOptions = { apiKey: 'key', accessToken: 'token' };
    for (const field of ['apiKey', 'accessToken']) {
      const refused = expect.objectContaining({
        code: 'KITE_CONNECTION_INVALID_OPTION',
        field,
        value: '(not shown)',
        message: expect.stringMatching(
          new RegExp(`^${field} ${flaw}; allowed: a non-empty string without`),
        ) as string,
      }) as Error;
      expect(() => new KiteTicker({ ...good, [field]: given })).toThrow(refused);
      const update = new KiteTicker(good).updateCredentials({ ...good, [field]: given });
      await expect(update).rejects.toEqual(refused);
    }
  },
);

test.each(['abc123', 'a-day+s/token=', 'k&y=#1', 'a%2Bb', 'unicode-ключ'])('%j can be one', (given) => {
  expect(flawOf(given)).toBeUndefined();
});
