import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KiteInputError } from '@kite/connection';

import { DEFAULT_URL, Endpoint } from '../../src/socket/endpoint.js';

function refused(url: string, allowInsecure = false): KiteInputError {
  try {
    new Endpoint(url, allowInsecure);
  } catch (error) {
    if (error instanceof KiteInputError) return error;
  }
  throw new Error(`${url} was not refused with a KiteInputError`);
}

describe('the URL to dial', () => {
  test('is percent-encoded: web tokens contain reserved characters', () => {
    const url = new Endpoint(DEFAULT_URL, false).withCredentials('key&x=1', 'a+b/c=d#e?f g%');
    expect(url).toBe('wss://ws.kite.trade/?api_key=key%26x%3D1&access_token=a%2Bb%2Fc%3Dd%23e%3Ff%20g%25');
  });

  test.each(['wss://ws.kite.trade', 'wss://ws.kite.trade/', 'wss://ws.kite.trade?'])(
    'has a / before the ? for %s, or the load balancer answers 400',
    (url) => {
      expect(new Endpoint(url, false).withCredentials('k', 't')).toBe(
        'wss://ws.kite.trade/?api_key=k&access_token=t',
      );
    },
  );

  test('keeps a path, a port and a query of its own', () => {
    const endpoint = new Endpoint('wss://relay.example:8443/kite?zone=1', false);
    expect(endpoint.withCredentials('k', 't')).toBe(
      'wss://relay.example:8443/kite?zone=1&api_key=k&access_token=t',
    );
    expect(endpoint.origin).toBe('wss://relay.example:8443');
  });

  test('gives back whatever was put in, and never throws', () => {
    const endpoint = new Endpoint(DEFAULT_URL, false);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (apiKey, accessToken) => {
        const { searchParams, hash, host } = new URL(endpoint.withCredentials(apiKey, accessToken));
        expect([searchParams.get('api_key'), searchParams.get('access_token'), hash, host]).toEqual([
          apiKey,
          accessToken,
          '',
          'ws.kite.trade',
        ]);
      }),
    );
  });

  test('exists even for a token that is no well-formed text', () => {
    expect(new Endpoint(DEFAULT_URL, false).withCredentials('k', 'a\uD800b')).toContain(
      'access_token=a%EF%BF%BDb',
    );
  });
});

describe('plain ws:', () => {
  test.each([
    'ws://127.0.0.1:8080/',
    'ws://127.9.8.7/',
    'ws://localhost:1/',
    'ws://kite.localhost/',
    'ws://[::1]:9/',
    'ws://LOCALHOST/',
  ])('goes to the loopback address %s', (url) => {
    expect(() => new Endpoint(url, false)).not.toThrow();
  });

  test.each([
    'ws://ws.kite.trade/',
    'ws://127.0.0.1.example.com/',
    'ws://localhost.example.com/',
    'ws://notlocalhost/',
    'ws://10.0.0.1/',
    'ws://0.0.0.0/',
    'ws://[::2]/',
  ])('never to %s, unless allowInsecure', (url) => {
    expect(refused(url)).toMatchObject({
      code: 'KITE_CONNECTION_INSECURE_URL',
      field: 'url',
      allowed: expect.stringContaining('allowInsecure') as unknown,
    });
    expect(() => new Endpoint(url, true)).not.toThrow();
  });
});

test.each([
  '',
  'ws.kite.trade',
  'http://ws.kite.trade/',
  'https://ws.kite.trade/',
  'wss://',
  'wss://host/#fragment',
  'wss://user@host/',
  'file:///etc/passwd',
])('%j is refused, with what is allowed', (url) => {
  expect(refused(url, true)).toMatchObject({
    code: 'KITE_CONNECTION_INVALID_OPTION',
    field: 'url',
    allowed: 'a ws: or wss: URL without user, password and fragment',
  });
});

test.each([
  'http://host/?access_token=SECRET',
  'http://host/#SECRET',
  'wss://user:SECRET@host/',
  'wss://user:SECRET/SECRET@host/',
  'http:user:SECRET@host',
  'ws://example.com/?access_token=SECRET',
  'ws://example.com/SECRET',
])('no error shows what is secret in %s', (url) => {
  const error = refused(url);
  expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('SECRET');
});
