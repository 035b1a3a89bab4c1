import { describe, expect, test } from 'vitest';
import { KiteInputError, KiteTicker, type TlsOptions, wsTransport } from '@kite/connection';
import { everyRendering, SELF_SIGNED } from '@kite/testkit';

import { resolveTickerOptions } from '../../src/options.js';

const REQUIRED = { apiKey: 'the-key', accessToken: 'the-token' };
const SECRET = 'hush-hush';

function refused(options: object): KiteInputError {
  try {
    new KiteTicker({ ...REQUIRED, ...options });
  } catch (error) {
    if (error instanceof KiteInputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const PROXY = "an http: or https: URL of a proxy, or 'env' for HTTPS_PROXY and NO_PROXY";
const PEM = 'as text or bytes, or an array of them; the content of a file, not its path';

describe('is refused by name, and a secret is not shown:', () => {
  test.each<[object, string, string]>([
    [{ proxy: `socks5://u:${SECRET}@h` }, 'proxy', `proxy is a SOCKS proxy; allowed: ${PROXY}`],
    [
      { proxy: `u:${SECRET}@h:1` },
      'proxy',
      `proxy is no URL: it needs a scheme and a host; allowed: ${PROXY}`,
    ],
    [{ proxy: { [SECRET]: 1 } }, 'proxy', `proxy is "(not shown)"; allowed: ${PROXY}`],
    [{ proxy: null }, 'proxy', `proxy is "(not shown)"; allowed: ${PROXY}`],
    [{ tls: SECRET }, 'tls', 'tls is "(not shown)"; allowed: an object of plain data'],
    [{ tls: null }, 'tls', 'tls is "(not shown)"; allowed: an object of plain data'],
    [{ tls: new Map() }, 'tls', 'tls is "(not shown)"; allowed: an object of plain data'],
    [
      { tls: { ca: `/home/${SECRET}.pem` } },
      'tls.ca',
      `tls.ca is "(not shown)"; allowed: PEM certificates ${PEM}`,
    ],
    [{ tls: { ca: [] } }, 'tls.ca', `tls.ca is "(not shown)"; allowed: PEM certificates ${PEM}`],
    [{ tls: { ca: () => SECRET } }, 'tls.ca', `tls.ca is "(not shown)"; allowed: PEM certificates ${PEM}`],
    [{ tls: { key: SECRET } }, 'tls.key', `tls.key is "(not shown)"; allowed: PEM keys ${PEM}`],
    [
      { tls: { passphrase: { [SECRET]: 1 } } },
      'tls.passphrase',
      'tls.passphrase is "(not shown)"; allowed: a non-empty string',
    ],
    [
      { tls: { minVersion: 1.3 } },
      'tls.minVersion',
      "tls.minVersion is 1.3; allowed: 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'",
    ],
    [
      { tls: { rejectUnauthorized: 'no' } },
      'tls.rejectUnauthorized',
      'tls.rejectUnauthorized is "no"; allowed: true or false',
    ],
    [
      { tls: { rejectUnauthorized: false } },
      'tls.rejectUnauthorized',
      'tls.rejectUnauthorized is false; allowed: true, or a loopback address, or allowInsecure: true',
    ],
    [{ localAddress: 'eth0' }, 'localAddress', 'localAddress is "eth0"; allowed: an IP address'],
    [
      { localAddress: '::1', family: 4 },
      'localAddress',
      'localAddress is "::1"; allowed: an IPv4 address, as family says',
    ],
    [{ family: 5 }, 'family', 'family is 5; allowed: 4 or 6'],
    [{ family: '4' }, 'family', 'family is "4"; allowed: 4 or 6'],
  ])('%j', (options, field, message) => {
    const error = refused(options);
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field, message });
    expect(everyRendering(error)).not.toContain(SECRET);
  });

  test.each([
    ['checkServerIdentity', 'unknown option tls.checkServerIdentity'],
    ['secureContext', 'unknown option tls.secureContext'],
    ['CA', 'unknown option tls.CA; did you mean tls.ca?'],
    ['minversion', 'unknown option tls.minversion; did you mean tls.minVersion?'],
  ])('tls.%s, which is no plain data or no option', (name, message) => {
    const error = refused({ tls: { [name]: () => SECRET } });
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field: `tls.${name}` });
    expect(error.message).toContain(message);
  });

  test.each<[string, TlsOptions]>([
    ['a key that is none', { key: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n` }],
    ['a bundle that is none', { pfx: Buffer.from(SECRET), passphrase: SECRET }],
    ['ciphers that there are not', { ciphers: 'NO-SUCH-CIPHER' }],
  ])('%s, before anything is dialled', (_what, tls) => {
    const error = refused({ tls });
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'tls' });
    expect(error.message).toMatch(/^tls cannot be used: \w/);
    expect(everyRendering(error)).not.toContain(SECRET);
  });

  test.each<[string, object]>([
    ['proxy', { proxy: `http://u:${SECRET}@h` }],
    ['tls', { tls: {} }],
    ['localAddress', { localAddress: '127.0.0.1' }],
    ['family', { family: 4 }],
  ])('%s beside a transport, which opens sockets by itself', (field, options) => {
    const error = refused({ ...options, transport: wsTransport });
    const message = `${field} says nothing to a transport of your own; allowed: one of the two`;
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field, message });
    expect(everyRendering(error)).not.toContain(SECRET);
  });
});

describe('the network options', () => {
  test('have no defaults, and undefined is none', () => {
    const none = { proxy: undefined, tls: undefined, localAddress: undefined, family: undefined };
    const resolved = resolveTickerOptions({
      ...REQUIRED,
      ...none,
      transport: wsTransport,
    });
    expect(Object.keys(none).filter((name) => name in resolved)).toEqual([]);
  });

  test('are taken as they are, and changes that are made afterwards change nothing', () => {
    const ca = Buffer.from(SELF_SIGNED.cert);
    const tls: TlsOptions = { ca: [ca, SELF_SIGNED.cert], minVersion: 'TLSv1.3', rejectUnauthorized: true };
    const given = { proxy: 'https://u:p@proxy.example:8443', localAddress: '::1', family: 6 as const };
    const resolved = resolveTickerOptions({ ...REQUIRED, ...given, tls });
    expect(resolved).toMatchObject(given);
    ca.fill(0);
    tls.minVersion = 'TLSv1.2';
    const [bytes] = resolved.tls!.ca as [Uint8Array];
    expect(Buffer.from(bytes).toString()).toBe(SELF_SIGNED.cert);
    expect(resolved.tls!.minVersion).toBe('TLSv1.3');
  });

  test.each([{ url: 'wss://127.0.0.1:1/' }, { url: 'wss://localhost/' }, { allowInsecure: true }])(
    'rejectUnauthorized: false is taken with %j',
    (options) => {
      expect(
        () => new KiteTicker({ ...REQUIRED, ...options, tls: { rejectUnauthorized: false } }),
      ).not.toThrow();
    },
  );
});
