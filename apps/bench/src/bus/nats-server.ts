import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `tools/nats-server.mjs` puts one. */
const CACHED = fileURLToPath(
  new URL('../../../node_modules/.cache/nats-server/nats-server', import.meta.url),
);

const MS_A_TICK = 10;

/** A NATS server with JetStream in a process of its own; undefined if there is none on the PATH or in the cache. */
export class BenchNats implements AsyncDisposable {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, address: string) {
    this.#child = child;
    this.#folder = folder;
    this.address = address;
  }

  static async start(): Promise<BenchNats | undefined> {
    const folder = await mkdtemp(path.join(tmpdir(), 'kite-bench-nats-'));
    const program = existsSync(CACHED) ? CACHED : 'nats-server';
    const child = spawn(program, ['-js', '-a', '127.0.0.1', '-p', '-1', '-sd', folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const address = await new Promise<string | undefined>((resolve) => {
      let log = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        const [, found] = /Listening for client connections on ([^\n]*:\d+)/u.exec(log) ?? [];
        if (found !== undefined && log.includes('Server is ready')) resolve(found);
      });
      child.once('error', () => resolve(undefined));
      child.once('exit', () => resolve(undefined));
    });
    if (address !== undefined) return new BenchNats(child, folder, address);
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }

  /** CPU time of the server so far, in milliseconds; undefined outside Linux. */
  get cpuMs(): number | undefined {
    const file = `/proc/${this.#child.pid}/stat`;
    if (!existsSync(file)) return undefined;
    const fields = readFileSync(file, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
  }

  /** The most memory of the server that was ever resident, in MB; undefined outside Linux. */
  get peakMb(): number | undefined {
    const file = `/proc/${this.#child.pid}/status`;
    if (!existsSync(file)) return undefined;
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(file, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
