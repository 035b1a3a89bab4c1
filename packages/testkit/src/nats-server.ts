import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `tools/nats-server.mjs` puts one that it has fetched. */
const CACHED = fileURLToPath(
  new URL('../../../node_modules/.cache/nats-server/nats-server', import.meta.url),
);

function findServer(): string | undefined {
  for (const program of ['nats-server', CACHED]) {
    if (program === CACHED && !existsSync(CACHED)) continue;
    try {
      const [, major, minor] =
        /v(\d+)\.(\d+)/u.exec(execFileSync(program, ['--version'], { encoding: 'utf8' })) ?? [];
      if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 11)) return program;
    } catch {
      // It is not there, or does not run here.
    }
  }
  return undefined;
}

/** Whether the tests that need a server are skipped, which their title says. */
export function hasNoNatsServer(): boolean {
  return findServer() === undefined;
}

/** A NATS server in a process of its own, on a port that the system gives; it keeps the port when it is started again. */
export class NatsServer implements AsyncDisposable {
  readonly #program: string;
  readonly #directory: string;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #port = -1;

  private constructor(program: string, directory: string, flags: readonly string[]) {
    this.#program = program;
    this.#directory = directory;
    this.#flags = flags;
  }

  static async start(...flags: string[]): Promise<NatsServer> {
    const program = findServer();
    if (program === undefined)
      throw new Error('there is no nats-server 2.11 or newer, on the path or in the cache');
    const server = new NatsServer(program, await mkdtemp(path.join(tmpdir(), 'kite-nats-')), flags);
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Starts it, with what it had stored. */
  async start(): Promise<void> {
    const store = this.#flags.includes('-js') ? ['-sd', this.#directory] : [];
    const child = spawn(
      this.#program,
      ['-a', '127.0.0.1', '-p', String(this.#port), ...this.#flags, ...store],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        const [, port] = /Listening for client connections on [^\n]*:(\d+)/u.exec(log) ?? [];
        if (port !== undefined) this.#port = Number(port);
        if (log.includes('Server is ready')) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => {
        reject(new Error(`nats-server ended: ${log}`));
      });
    });
  }

  /** Kills it, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Kills it, and starts it with what it had stored. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Kills it, and starts it without what it had stored, as a new container does. */
  async replace(): Promise<void> {
    await this.kill();
    await rm(path.join(this.#directory, 'jetstream'), { recursive: true, force: true });
    await this.start();
  }

  /** It does not read any more, and stays connected; or reads again. */
  pause(isPaused: boolean): void {
    this.#child?.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pause(false);
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
