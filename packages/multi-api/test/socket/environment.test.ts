import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '@kite/simulator';
import { Program, SELF_SIGNED, STILL_MARKET } from '@kite/testkit';

/** A child has to start, and waits for a handshake that does not come. */
const CHILD = 60_000;

/** Each account has an I/O worker of its own: how each ends, `open` or the code of what stood in the way. */
const PROBE = `
  import tls from 'node:tls';
  import { MultiApiKiteTickerManager } from '@kite/multi-api';

  const CALLS = {
    // The server has none of these.
    'ciphers': () => { tls.DEFAULT_CIPHERS = 'AES256-SHA256'; tls.DEFAULT_MAX_VERSION = 'TLSv1.2'; },
    'variable': () => { process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; },
  };
  const accounts = ['a', 'b'].map((id) => ({ id, apiKey: 'key-of-' + id, accessToken: 'token' }));
  const manager = new MultiApiKiteTickerManager({ accounts, url: process.argv[2], connectionTimeoutMs: 5000, maxConnectionsPerApi: 1 });
  CALLS[process.env.CALL]?.();
  const codeOf = (error) => (error.cause ? codeOf(error.cause) : error.code);
  const errors = await manager.start().then(() => [], (error) => error.reasons);
  const { perApiStats } = manager.getStats();
  console.log(errors.length > 0
    ? errors.map((error) => codeOf(error.reasons?.[0] ?? error)).join(' ')
    : perApiStats.map(({ isolation, activeConnections }) => isolation + activeConnections).join(' '));
  await manager.stop();
`;

let probe: Program;
let authority: string;
let secure: Simulator;

beforeAll(async () => {
  probe = await Program.of(PROBE, {
    resolveDir: import.meta.dirname,
    beside: [fileURLToPath(new URL('../../../manager/src/threads/worker/io-worker.ts', import.meta.url))],
  });
  authority = await probe.file('authority.pem', SELF_SIGNED.cert);
  secure = await startSimulator({ ...STILL_MARKET, tls: SELF_SIGNED });
}, CHILD);

afterAll(async () => {
  await secure.stop();
  await probe[Symbol.asyncDispose]();
});

async function outcome(env: Record<string, string>): Promise<string> {
  const { stdout, stderr, code } = await probe.run(secure.url, { env });
  expect([code, stderr.replace(/^.*(trace-warnings|NODE_TLS_REJECT_UNAUTHORIZED).*\n/gm, '')]).toEqual([
    0,
    '',
  ]);
  return stdout.trim();
}

describe('the I/O worker of each account knows the network as the main thread does (each starts a child):', () => {
  test(
    'it trusts nobody by default',
    async () => {
      expect(await outcome({})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT DEPTH_ZERO_SELF_SIGNED_CERT');
    },
    CHILD,
  );

  test(
    'it trusts the certificates of NODE_EXTRA_CA_CERTS',
    async () => {
      expect(await outcome({ NODE_EXTRA_CA_CERTS: authority })).toBe('worker1 worker1');
    },
    CHILD,
  );

  test(
    'it asks for no certificate where a variable that is set before start() says so',
    async () => {
      expect(await outcome({ CALL: 'variable' })).toBe('worker1 worker1');
    },
    CHILD,
  );

  test(
    'it has no other ciphers than a call before start() names',
    async () => {
      const env = { NODE_EXTRA_CA_CERTS: authority, CALL: 'ciphers' };
      expect(await outcome(env)).toMatch(/^(EPROTO|ERR_SSL_\w+) (EPROTO|ERR_SSL_\w+)$/);
    },
    CHILD,
  );
});
