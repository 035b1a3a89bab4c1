import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `.ci/run` puts one that it has fetched. */
const CACHED = fileURLToPath(
  new URL('../../../node_modules/.cache/nats-server/nats-server', import.meta.url),
);

/** A NATS server in a process of its own. */
export class NatsProcess implements AsyncDisposable {
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #port = -1;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<NatsProcess> {
    const server = new NatsProcess(await mkdtemp(path.join(tmpdir(), 'kite-bus-')));
    await server.#start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Kills it, and starts it with what it had stored. */
  async restart(): Promise<void> {
    await this.#kill();
    await this.#start();
  }

  /** It answers nobody, or goes on. */
  pause(isPaused: boolean): void {
    this.#child?.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const program = existsSync(CACHED) ? CACHED : 'nats-server';
    const flags = ['-a', '127.0.0.1', '-p', String(this.#port), '-js', '-sd', this.#folder];
    const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (log.includes('Server is ready')) return;
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

  async #kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
