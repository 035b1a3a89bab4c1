import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import tls, { type SecureContextOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '@kite/simulator';
import type { Program } from '@kite/testkit';
import { SELF_SIGNED, STILL_MARKET } from '@kite/testkit';

import { program } from '../support/program.js';

/** A child has to start, and waits for a handshake that does not come. */
const CHILD = 60_000;

const SUBJECT_HASH = 'a1e8ccb5';

/** How each way to connect ends: `open`, or the code of what stood in the way. */
const PROBE = `
  import dns from 'node:dns';
  import net from 'node:net';
  import tls from 'node:tls';
  import { KiteTicker } from '@kite/connection';
  import { KiteTickerManager } from '@kite/manager';

  const CALLS = {
    'dns-order': () => dns.setDefaultResultOrder('ipv4first'),
    'one-family': () => net.setDefaultAutoSelectFamily(false),
    'patience': () => net.setDefaultAutoSelectFamilyAttemptTimeout(4321),
    'tls-1.3': () => { tls.DEFAULT_MIN_VERSION = 'TLSv1.3'; },
    'tls-1.2': () => { tls.DEFAULT_MAX_VERSION = 'TLSv1.2'; },
    'ciphers': () => { tls.DEFAULT_CIPHERS = 'AES256-SHA256'; tls.DEFAULT_MAX_VERSION = 'TLSv1.2'; },
    'curve': () => { tls.DEFAULT_ECDH_CURVE = 'secp521r1'; },
    'authority': () => tls.setDefaultCACertificates([process.env.AUTHORITY]),
    'nobody': () => tls.setDefaultCACertificates([]),
    'variable': () => Object.assign(process.env, JSON.parse(process.env.LATER)),
  };
  const url = process.argv[2];
  const inline = new KiteTickerManager({ apiKey, accessToken, maxConnections: 1, connectionTimeoutMs: 5000, enableDedicatedParsers: false });
  const worker = new KiteTickerManager({ apiKey, accessToken, maxConnections: 1, connectionTimeoutMs: 5000 });
  const ticker = new KiteTicker({ apiKey, accessToken, url, connectionTimeoutMs: 5000 });
  const codeOf = (error) => (error.cause ? codeOf(error.cause) : error.code);
  const told = (promise) => promise.then(() => 'open', (error) => codeOf(error.reasons?.[0] ?? error));
  // Whatever is said before start() counts, however late.
  CALLS[process.env.CALL]?.();
  ticker.on('state', () => {});
  console.log('ticker', await told(ticker.connect({ failFast: true })));
  await ticker.close();
  console.log('inline', await told(inline.start()));
  await inline.stop();
  console.log('worker', await told(worker.start()));
  await worker.stop();
`;

/** Names with several addresses, in the order that this thread was told, as \`getaddrinfo\` and Node give them. */
const NAMES = `
  const dns = require('node:dns');
  const net = require('node:net');
  const real = dns.lookup;
  const NAMES = {
    // The server is at the address that comes first with ipv4first alone.
    'ordered.localhost': (order) => [{ address: order === 'ipv4first' ? '127.0.0.1' : '127.0.0.9', family: 4 }],
    // The server is at the address that comes first with this setting alone.
    'patient.localhost': () => [
      { address: net.getDefaultAutoSelectFamilyAttemptTimeout() === 4321 ? '127.0.0.1' : '127.0.0.9', family: 4 },
    ],
    'both.localhost': () => [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }],
  };
  dns.lookup = (host, options, callback) => {
    const addresses = NAMES[host]?.(options.order ?? dns.getDefaultResultOrder());
    if (!addresses) return real(host, options, callback);
    const { address, family } = addresses[0];
    process.nextTick(() => (options.all ? callback(null, addresses) : callback(null, address, family)));
  };
`;

let probe: Program;
let names: string;
let authority: string;
let plain: Simulator;
let secure: Simulator;
let old: Server;
let modern: Server;
let directory: string;

beforeAll(async () => {
  probe = await program(PROBE);
  names = await probe.file('names.cjs', NAMES);
  authority = await probe.file('authority.pem', SELF_SIGNED.cert);
  // A folder of certificates finds them by the hash of their name: `openssl x509 -subject_hash`.
  directory = path.dirname(await probe.file(`${SUBJECT_HASH}.0`, SELF_SIGNED.cert));
  plain = await startSimulator(STILL_MARKET);
  secure = await startSimulator({ ...STILL_MARKET, tls: SELF_SIGNED });
  old = await refusing({ maxVersion: 'TLSv1.2' });
  modern = await refusing({ minVersion: 'TLSv1.3', ecdhCurve: 'prime256v1' });
}, CHILD);

afterAll(async () => {
  const closed = [old, modern].map((server) => new Promise((resolve) => server.close(resolve)));
  await Promise.all([plain.stop(), secure.stop(), ...closed]);
  await probe[Symbol.asyncDispose]();
});

/** Speaks some TLS alone; anyone who gets that far is refused in HTTP. */
async function refusing(options: SecureContextOptions): Promise<Server> {
  const server = createServer({ ...SELF_SIGNED, ...options }, (_request, response) => response.end());
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Told {
  /** Flags of Node. */
  flags?: string[];
  /** Variables. */
  env?: Record<string, string>;
  /** A call of the program, before it starts anything. */
  call?: string;
}

async function outcomes(
  url: string,
  { flags = [], env = {}, call = '' }: Told,
): Promise<Record<string, string>> {
  // Preloaded by this variable, names are known to every thread.
  const options = `--require ${names} ${env['NODE_OPTIONS'] ?? ''}`;
  const { stdout, stderr, code } = await probe.run(url, {
    execArgv: flags,
    env: { AUTHORITY: SELF_SIGNED.cert, ...env, CALL: call, NODE_OPTIONS: options },
  });
  expect({
    code,
    stderr: stderr.replace(/^.*(ExperimentalWarning|trace-warnings|NODE_TLS_REJECT_UNAUTHORIZED).*\n/gm, ''),
  }).toEqual({
    code: 0,
    stderr: '',
  });
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
}

/** Everything fails in the same way. */
async function failsAlike(url: string, told: Told, failure: RegExp): Promise<void> {
  const { ticker, ...others } = await outcomes(url, told);
  expect(ticker).toMatch(failure);
  expect(others).toEqual({ inline: ticker, worker: ticker });
}

function everywhere(outcome: string): Record<string, string> {
  return { ticker: outcome, inline: outcome, worker: outcome };
}

/** The three ways to say the same. */
function ways(flags: string[], call: string): [string, Told][] {
  return [
    ['a flag', { flags }],
    ['NODE_OPTIONS', { env: { NODE_OPTIONS: flags.join(' ') } }],
    ['a call', { call }],
  ];
}

const at = (host: string, url: string): string => url.replace('127.0.0.1', host);
const urlOf = (server: Server): string => `wss://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const NO_TLS = /^(EPROTO|ERR_SSL_)/;
/** What a program is told, and that it may trust the authority. */
const trusting = (told: Told = {}): Told => ({
  ...told,
  env: { ...told.env, NODE_EXTRA_CA_CERTS: authority },
});
/** A variable that the program sets itself, after its start. */
const later = (variables: Record<string, string>): Told => ({
  call: 'variable',
  env: { LATER: JSON.stringify(variables) },
});

describe('the I/O worker knows the network as the main thread does (each starts a child):', () => {
  describe('the order of addresses', () => {
    test(
      'by default is that of the name server',
      async () => {
        expect(await outcomes(at('ordered.localhost', plain.url), {})).toEqual(everywhere('ECONNREFUSED'));
      },
      CHILD,
    );

    test.each(ways(['--dns-result-order=ipv4first'], 'dns-order'))(
      'is told by %s',
      async (_way, told) => {
        expect(await outcomes(at('ordered.localhost', plain.url), told)).toEqual(everywhere('open'));
      },
      CHILD,
    );
  });

  describe('the choice among families of addresses', () => {
    test(
      'by default tries all of them',
      async () => {
        expect(await outcomes(at('both.localhost', plain.url), {})).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test.each(ways(['--no-network-family-autoselection'], 'one-family'))(
      'is switched off by %s',
      async (_way, told) => {
        const failure = /^E(CONNREFUSED|ADDRNOTAVAIL|NETUNREACH|AFNOSUPPORT)$/;
        await failsAlike(at('both.localhost', plain.url), told, failure);
      },
      CHILD,
    );
  });

  describe('how long one address is tried before the next', () => {
    test(
      'by default is shorter',
      async () => {
        expect(await outcomes(at('patient.localhost', plain.url), {})).toEqual(everywhere('ECONNREFUSED'));
      },
      CHILD,
    );

    test.each(ways(['--network-family-autoselection-attempt-timeout=4321'], 'patience'))(
      'is told by %s',
      async (_way, told) => {
        expect(await outcomes(at('patient.localhost', plain.url), told)).toEqual(everywhere('open'));
      },
      CHILD,
    );
  });

  describe('the versions of TLS', () => {
    test(
      'by default have 1.2 among them',
      async () => {
        expect(await outcomes(urlOf(old), trusting())).toEqual(everywhere('KITE_CONNECTION_REFUSED'));
      },
      CHILD,
    );

    test.each(ways(['--tls-min-v1.3'], 'tls-1.3'))(
      'from 1.3 on are told by %s',
      async (_way, told) => {
        await failsAlike(urlOf(old), trusting(told), NO_TLS);
      },
      CHILD,
    );

    test.each(ways(['--tls-max-v1.2'], 'tls-1.2'))(
      'up to 1.2 are told by %s',
      async (_way, told) => {
        await failsAlike(urlOf(modern), trusting(told), NO_TLS);
      },
      CHILD,
    );

    test(
      'and the curve that the server has are there by default, and not after a call that names another curve',
      async () => {
        expect(await outcomes(urlOf(modern), trusting())).toEqual(everywhere('KITE_CONNECTION_REFUSED'));
        await failsAlike(urlOf(modern), trusting({ call: 'curve' }), NO_TLS);
      },
      CHILD,
    );

    test.each(ways(['--tls-max-v1.2', '--tls-cipher-list=AES256-SHA256'], 'ciphers'))(
      'up to 1.2, and ciphers that the server does not have, are told by %s',
      async (_way, told) => {
        await failsAlike(urlOf(old), trusting(told), NO_TLS);
      },
      CHILD,
    );
  });

  describe('the certificates that are trusted', () => {
    test(
      'by default are not those of everybody',
      async () => {
        expect(await outcomes(secure.url, {})).toEqual(everywhere('DEPTH_ZERO_SELF_SIGNED_CERT'));
      },
      CHILD,
    );

    test(
      'are told by NODE_EXTRA_CA_CERTS',
      async () => {
        expect(await outcomes(secure.url, trusting())).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test(
      'are told by SSL_CERT_FILE with --use-openssl-ca',
      async () => {
        const told = { flags: ['--use-openssl-ca'], env: { SSL_CERT_FILE: authority } };
        expect(await outcomes(secure.url, told)).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test(
      'are told by SSL_CERT_DIR with --use-openssl-ca',
      async () => {
        const told = { flags: ['--use-openssl-ca'], env: { SSL_CERT_DIR: directory } };
        expect(await outcomes(secure.url, told)).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test(
      'are told by a program that sets SSL_CERT_FILE before start(), with --use-openssl-ca',
      async () => {
        const told = { ...later({ SSL_CERT_FILE: authority }), flags: ['--use-openssl-ca'] };
        expect(await outcomes(secure.url, told)).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test(
      'are not told by a program that sets NODE_EXTRA_CA_CERTS, which Node reads when it starts',
      async () => {
        const told = later({ NODE_EXTRA_CA_CERTS: authority });
        expect(await outcomes(secure.url, told)).toEqual(everywhere('DEPTH_ZERO_SELF_SIGNED_CERT'));
      },
      CHILD,
    );

    test.each<[string, Told]>([
      ['NODE_TLS_REJECT_UNAUTHORIZED', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }],
      ['a program that sets it before start()', later({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })],
    ])(
      'are not asked for where %s says so',
      async (_way, told) => {
        expect(await outcomes(secure.url, told)).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test.skipIf(!process.allowedNodeEnvironmentFlags.has('--use-system-ca'))(
      'are told by SSL_CERT_FILE with --use-system-ca',
      async () => {
        const told = { flags: ['--use-system-ca'], env: { SSL_CERT_FILE: authority } };
        expect(await outcomes(secure.url, told)).toEqual(everywhere('open'));
      },
      CHILD,
    );

    test.skipIf(!('setDefaultCACertificates' in tls))(
      'are told by tls.setDefaultCACertificates()',
      async () => {
        expect(await outcomes(secure.url, { call: 'authority' })).toEqual(everywhere('open'));
        expect(await outcomes(secure.url, trusting({ call: 'nobody' }))).toEqual(
          everywhere('DEPTH_ZERO_SELF_SIGNED_CERT'),
        );
      },
      CHILD,
    );
  });
});
