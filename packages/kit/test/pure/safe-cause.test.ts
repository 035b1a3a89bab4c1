import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { safeCause } from '../../src/safe-cause.js';

const SECRETS = ['to+ken/1', 'key-2'];

/** Everything that can be seen of it, by whatever means. */
function visible(error: Error): string {
  return inspect(error, { depth: Infinity, showHidden: true }) + error.message + String(error.stack);
}

describe('an error made safe', () => {
  test('keeps name, message, code and stack', () => {
    const original = Object.assign(new TypeError('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const safe = safeCause(original, SECRETS);
    expect(safe).toMatchObject({ name: 'TypeError', message: 'getaddrinfo ENOTFOUND', code: 'ENOTFOUND' });
    expect(safe.stack).toBe(original.stack);
    expect(safe).not.toBe(original);
  });

  test.each(['to+ken/1', 'to%2Bken%2F1', 'key-2'])('blots out %s, wherever it stands', (secret) => {
    const safe = safeCause(new Error(`Invalid URL: wss://h/?a=${secret}&b=${secret}`), SECRETS);
    expect(safe.message).toBe('Invalid URL: wss://h/?a=(redacted)&b=(redacted)');
    expect(visible(safe)).not.toContain(secret);
  });

  test('leaves behind what libraries hang on their errors', () => {
    const original = Object.assign(new Error('refused'), {
      url: 'wss://h/?access_token=to+ken/1',
      request: { headers: { authorization: 'to+ken/1' } },
      cause: new Error('to+ken/1'),
    });
    expect(visible(safeCause(original, SECRETS))).not.toContain('to+ken/1');
  });

  test('says something where the original says nothing: sockets that try two addresses fail without a message', () => {
    const original = Object.assign(new AggregateError([new Error('v4'), new Error('v6')], ''), {
      code: 'ECONNREFUSED',
    });
    expect(safeCause(original, []).message).toBe('ECONNREFUSED');
    expect(safeCause(new RangeError(''), []).message).toBe('RangeError');
  });

  test.each([
    ['a secret given twice', ['secret', 'secret'], 'no secret here', 'no (redacted) here'],
    ['one secret within another', ['abcdef', 'abcdefgh'], 'abcdefgh abcdef', '(redacted) (redacted)'],
    [
      'a short one where it stands alone',
      ['key', 't'],
      `?api_key=key&access_token=t {"token":"t"} api_key%3Dkey, (key) key`,
      `?api_(redacted)=(redacted)&access_token=(redacted) {"token":"(redacted)"} api_(redacted)%3D(redacted), ((redacted)) (redacted)`,
    ],
    [
      'no short one within a word',
      ['key', 't', 'any'],
      'monkey business of a company, to be tried',
      'monkey business of a company, to be tried',
    ],
    [
      'a secret that is a pattern',
      ['a.b|c[d]*$^', '\\d-z'],
      'a.b|c[d]*$^ axb \\d-z 1',
      '(redacted) axb (redacted) 1',
    ],
  ])('blots out %s, and nothing of what stands for it', (_what, secrets, text, message) => {
    expect(safeCause(new Error(text), secrets).message).toBe(message);
  });

  test('can be made of an error that throws where it is touched', () => {
    class VaultError extends Error {
      get code(): string {
        throw new TypeError('there is no response');
      }
      override get name(): string {
        throw new TypeError('nor a name');
      }
    }
    expect(safeCause(new VaultError('the vault is closed'), SECRETS).message).toBe('the vault is closed');
    const trap = (): never => {
      throw new TypeError('a trap');
    };
    const proxy = new Proxy(new Error('x'), { get: trap, has: trap, getPrototypeOf: trap });
    expect(safeCause(proxy, SECRETS)).toBeInstanceOf(Error);
  });

  test('does not take an empty secret for one', () => {
    expect(safeCause(new Error('gone'), ['']).message).toBe('gone');
  });

  test('takes a secret that is no well-formed text', () => {
    expect(safeCause(new Error('a\uD800bcdef gone'), ['a\uD800bcdef']).message).toBe('(redacted) gone');
  });

  test.each([
    ['a string', 'gone', 'gone'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('gone'), 'Symbol(gone)'],
    ['an object without a prototype', Object.create(null), 'a value of type object that has no text'],
    ['an error whose message is none', Object.assign(new Error('x'), { message: 42 }), '42'],
  ])('can be made of anything that can be thrown: %s', (_what, thrown: unknown, message) => {
    expect(safeCause(thrown, SECRETS).message).toBe(message);
  });
});
