import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const KITE_HOST = 'ws.kite.trade';
/** The only port of wss://ws.kite.trade. */
export const KITE_PORT = 443;

/** What a server needs to answer for Kite's host name. */
export interface KiteIdentity {
  /** In 127.0.0.0/8. */
  readonly address: string;
  readonly key: string;
  readonly cert: string;
}

/**
 * Lets unmodified clients with a fixed URL reach our server. Such a client runs in its own mount namespace, where the
 * hosts file gives our address for Kite's name. No other process sees it, and it ends with the client, however the
 * client ends. The certificate that it trusts is made for this one use.
 */
export class KiteHost implements Disposable {
  readonly identity: KiteIdentity;
  readonly #folder: string;

  private constructor(folder: string, address: string) {
    this.#folder = folder;
    const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
    this.identity = { address, key: read('key.pem'), cert: read('cert.pem') };
  }

  /** @throws if that cannot be done, with the reason */
  static async create(address = '127.0.0.1'): Promise<KiteHost> {
    if (process.platform !== 'linux')
      throw new Error('its URL is fixed, and only Linux has mount namespaces');
    if (process.getuid?.() !== 0)
      throw new Error(`its URL is fixed, and only root can answer for ${KITE_HOST}`);
    const folder = mkdtempSync(path.join(tmpdir(), 'kite-host-'));
    try {
      const file = (name: string): string => path.join(folder, name);
      await run('openssl', [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...['-subj', `/CN=${KITE_HOST}`, '-addext', `subjectAltName=DNS:${KITE_HOST}`],
        ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
      ]);
      writeFileSync(file('hosts'), `127.0.0.1 localhost\n${address} ${KITE_HOST}\n`);
      const host = new KiteHost(folder, address);
      const [program, ...args] = host.command(['true']);
      await run(program!, args);
      return host;
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** The same command, run where Kite's name leads to us. */
  command(command: readonly string[]): readonly string[] {
    const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
    return ['unshare', '--mount', 'sh', '-c', script, 'sh', path.join(this.#folder, 'hosts'), ...command];
  }

  /** Added to the environment: what the client trusts. */
  get env(): Readonly<Record<string, string>> {
    return { SSL_CERT_FILE: path.join(this.#folder, 'cert.pem') };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
