import { describe, expect, test } from 'vitest';

import { environmentProxy, flawOfProxy, proxyAt } from '../../src/socket/proxy.js';

const KITE = new URL('wss://ws.kite.trade/');

describe('a proxy', () => {
  test.each([
    ['socks://127.0.0.1:1080', 'is a SOCKS proxy'],
    ['socks5h://user:password@127.0.0.1', 'is a SOCKS proxy'],
    ['SOCKS4://127.0.0.1', 'is a SOCKS proxy'],
    ['ftp://127.0.0.1', 'has the scheme ftp:'],
    ['ws://127.0.0.1', 'has the scheme ws:'],
    ['127.0.0.1:3128', 'is no URL: it needs a scheme and a host'],
    ['proxy.example:3128', 'is no URL: it needs a scheme and a host'],
    ['', 'is no URL: it needs a scheme and a host'],
    ['ENV', 'is no URL: it needs a scheme and a host'],
    ['http://', 'is no URL: it needs a scheme and a host'],
    ['http://proxy.example:65536', 'is no URL: it needs a scheme and a host'],
    ['http://proxy.example/path', 'has more than a host and a port'],
    ['http://proxy.example?a=b', 'has more than a host and a port'],
    ['http://proxy.example#a', 'has more than a host and a port'],
    ['http://user:100%@proxy.example', 'has a user or password that is not percent-encoded'],
  ])('cannot be at %j: it %s', (text, flaw) => {
    expect(flawOfProxy(text)).toBe(flaw);
  });

  test.each([
    ['http://proxy.example', { host: 'proxy.example', port: 80, isSecure: false, authorization: undefined }],
    ['https://proxy.example/', { host: 'proxy.example', port: 443, isSecure: true }],
    ['HTTP://Proxy.Example:3128', { host: 'proxy.example', port: 3128, origin: 'http://proxy.example:3128' }],
    ['http://[::1]:3128', { host: '::1', port: 3128, origin: 'http://[::1]:3128' }],
    ['http://user:pa%3Ass%40%E2%82%B9@proxy.example', { authorization: basic('user:pa:ss@₹') }],
    ['http://user@proxy.example', { authorization: basic('user:') }],
    ['http://:password@proxy.example', { authorization: basic(':password') }],
  ])('can be at %s', (text, expected) => {
    expect(flawOfProxy(text)).toBeUndefined();
    expect(proxyAt(text)).toMatchObject(expected);
    expect(proxyAt(text).origin).not.toContain('@');
  });
});

describe('the environment names', () => {
  test.each([
    ['none without variables', {}, undefined],
    ['none with an empty variable', { HTTPS_PROXY: ' ' }, undefined],
    ['that of HTTPS_PROXY', { HTTPS_PROXY: 'http://a.example:1' }, 'http://a.example:1'],
    ['that of https_proxy', { https_proxy: 'http://a.example:1' }, 'http://a.example:1'],
    [
      'that in small letters of both',
      { https_proxy: 'http://a.example', HTTPS_PROXY: 'http://b.example' },
      'http://a.example',
    ],
    [
      'that in capitals where the other one is empty',
      { https_proxy: '', HTTPS_PROXY: 'http://b.example' },
      'http://b.example',
    ],
    ['one without a scheme as http:', { HTTPS_PROXY: 'a.example:3128' }, 'http://a.example:3128'],
    [
      'none with HTTP_PROXY and ALL_PROXY alone',
      { HTTP_PROXY: 'http://a.example', ALL_PROXY: 'http://a.example' },
      undefined,
    ],
    ['none for what NO_PROXY names', { HTTPS_PROXY: 'http://a.example', NO_PROXY: 'kite.trade' }, undefined],
    ['none for what no_proxy names', { HTTPS_PROXY: 'http://a.example', no_proxy: 'kite.trade' }, undefined],
    [
      'one for what NO_PROXY does not name',
      { HTTPS_PROXY: 'http://a.example', NO_PROXY: 'zerodha.com' },
      'http://a.example',
    ],
  ])('%s', (_what, environment, expected) => {
    expect(environmentProxy(KITE, environment)).toBe(expected);
  });

  test('none for plain ws:, whose proxy would be another one', () => {
    expect(
      environmentProxy(new URL('ws://ws.kite.trade/'), { HTTPS_PROXY: 'http://a.example' }),
    ).toBeUndefined();
  });
});

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}
