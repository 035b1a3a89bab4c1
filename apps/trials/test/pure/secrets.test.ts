import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { secretsIn, secretsInText } from '../../src/oracle/secrets.js';

const TOKEN = 'a "day\'s" tok/en+of=7';

/** A value at the bottom of so many objects. */
function deep(value: unknown, depth: number): unknown {
  let whole = value;
  for (let level = 0; level < depth; level++) whole = { whole };
  return whole;
}

describe('a secret is found', () => {
  test.each<[string, unknown]>([
    ['in a text', `no ${TOKEN} here`],
    ['in a URL', `?access_token=${encodeURIComponent(TOKEN)}&x=1`],
    ['in hex', Buffer.from(`x${TOKEN}`).toString('hex')],
    ['deep in an object', deep({ [TOKEN]: 1 }, 20)],
    ['in the JSON of what prints nothing', { toJSON: () => ({ TOKEN }), [inspect.custom]: () => 'nothing' }],
    ['in what prints it, and has no JSON', { toJSON: () => undefined, [inspect.custom]: () => TOKEN }],
    ['where there is no JSON', { big: 1n, TOKEN }],
    ['in an error', Object.assign(new Error('no'), { cause: new Error(TOKEN) })],
  ])('%s', (_place, value) => {
    expect(secretsIn(value, ['another', TOKEN])).toEqual([TOKEN]);
  });

  test.each(['', 'u', 'us', 'use'])('in base64 behind %j, as in the header of a proxy', (before) => {
    const header = Buffer.from(`${before}${TOKEN}:x`).toString('base64');
    expect(secretsInText(`Proxy-Authorization: Basic ${header}`, [TOKEN])).toEqual([TOKEN]);
  });
});

test('nothing is found where no secret is, and none of three letters in the base64 of something else', () => {
  expect(secretsIn(deep({ text: 'all is well', 1: ['a2V5', '6b6579'] }, 5), [TOKEN, 'key'])).toEqual([]);
});
