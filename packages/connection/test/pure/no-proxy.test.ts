import { describe, expect, test } from 'vitest';

import { isBypassed } from '../../src/socket/no-proxy.js';

const KITE = 'wss://ws.kite.trade/';

describe('NO_PROXY', () => {
  test.each([
    ['', KITE, false],
    [' , ,', KITE, false],
    ['*', KITE, true],
    ['example.com,*', KITE, true],
    ['ws.kite.trade', KITE, true],
    ['WS.Kite.Trade', KITE, true],
    ['ws.kite.trade.', KITE, true],
    ['ws.kite.trade', 'wss://ws.kite.trade./', true],
    ['kite.trade', KITE, true],
    ['.kite.trade', KITE, true],
    ['*.kite.trade', KITE, true],
    ['.ws.kite.trade', KITE, false],
    ['*.ws.kite.trade', KITE, false],
    ['ite.trade', KITE, false],
    ['kite.trade.example', KITE, false],
    ['a.example b.example\tkite.trade', KITE, true],
    ['kite.trade:443', KITE, true],
    ['kite.trade:8443', KITE, false],
    ['kite.trade:8443', 'wss://ws.kite.trade:8443/', true],
    ['*:443', KITE, true],
    ['*:444', KITE, false],
    ['10.0.0.1', 'wss://10.0.0.1/', true],
    ['10.0.0.1:443', 'wss://10.0.0.1/', true],
    ['10.0.0.1:444', 'wss://10.0.0.1/', false],
    ['10.0.0.10', 'wss://10.0.0.1/', false],
    ['0.0.1', 'wss://10.0.0.1/', false],
    ['10.0.0.0/8', 'wss://10.200.3.4/', true],
    ['10.0.0.0/8', 'wss://11.0.0.1/', false],
    ['10.0.0.0/33', 'wss://10.0.0.1/', false],
    ['10.0.0.0/', 'wss://10.0.0.1/', false],
    ['10.0.0.0/eight', 'wss://10.0.0.1/', false],
    ['0.0.0.0/0', 'wss://10.0.0.1/', true],
    ['0.0.0.0/0', KITE, false],
    ['::1', 'wss://[::1]/', true],
    ['0:0:0:0:0:0:0:1', 'wss://[::1]/', true],
    ['[::1]', 'wss://[::1]/', true],
    ['[::1]:443', 'wss://[::1]/', true],
    ['[::1]:444', 'wss://[::1]/', false],
    ['fd00::/8', 'wss://[fd12::1]/', true],
    ['fd00::/8', 'wss://[fe80::1]/', false],
    ['::1', 'wss://10.0.0.1/', false],
    ['10.0.0.1', 'wss://[::1]/', false],
    ['not an address', 'wss://[::1]/', false],
  ])('of %j for %s: %s', (list, url, bypassed) => {
    expect(isBypassed(new URL(url), list)).toBe(bypassed);
  });
});
