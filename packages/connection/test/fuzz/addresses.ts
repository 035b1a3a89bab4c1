import assert from 'node:assert/strict';
import { isKiteError } from '@kite/protocol';
import type { FuzzTarget } from '@kite/testkit';

import { Endpoint } from '../../src/socket/endpoint.js';
import { environmentProxy, flawOfProxy, proxyAt } from '../../src/socket/proxy.js';

const CODES = ['KITE_CONNECTION_INVALID_OPTION', 'KITE_CONNECTION_INSECURE_URL'];

/** The URL of the server, that of a proxy and NO_PROXY, a line each: taken or refused in words, and never shown with a password. */
export const target: FuzzTarget = {
  seeds: [
    'wss://ws.kite.trade/\nhttp://user:pa%3Ass@proxy.example:3128\nkite.trade,10.0.0.0/8,*.example.com:443',
    'ws://127.0.0.1:8080/?a=b\nhttps://[::1]:3128\n[2001:db8::1]:443 ::/0',
    'wss://[2001:db8::1]:99\nproxy.example:3128\n2001:db8::/32',
    'wss://10.1.2.3\nsocks5://a\n10.1.0.0/16,10.1.2.3:443,*',
  ].map((text) => Buffer.from(text)),
  words: [
    'wss://',
    'http://',
    'https://',
    '@',
    ':',
    '%',
    '%41',
    '[::1]',
    '/8',
    '/129',
    '*',
    '.',
    ',',
    '::',
    '127.0.0.1',
    '\n',
  ],
  maxLength: 300,
  run(input) {
    const [url = '', proxy = '', noProxy = ''] = Buffer.from(input).toString().split('\n', 3);
    const endpoint = endpointAt(url);
    if (endpoint) {
      const dialled = new URL(endpoint.withCredentials('key&', 'to ken'));
      assert.equal(dialled.searchParams.getAll('access_token').at(-1), 'to ken');
      assert.ok(!endpoint.origin.includes('@'));
      const named = environmentProxy(dialled, { HTTPS_PROXY: proxy, NO_PROXY: noProxy });
      if (named !== undefined) checkProxy(named);
    }
    checkProxy(proxy);
  },
};

function checkProxy(text: string): void {
  const flaw = flawOfProxy(text);
  if (flaw !== undefined) {
    assert.ok(flaw.length > 0);
    return;
  }
  const { origin, host, port, href, authorization } = proxyAt(text);
  assert.ok(host !== '' && !origin.includes('@') && Number.isInteger(port) && port >= 0 && port <= 65_535);
  assert.equal(flawOfProxy(href), undefined);
  assert.equal(proxyAt(href).authorization, authorization);
}

function endpointAt(url: string): Endpoint | undefined {
  try {
    return new Endpoint(url, false);
  } catch (error) {
    assert.ok(isKiteError(error) && CODES.includes(error.code), error as Error);
    return undefined;
  }
}
