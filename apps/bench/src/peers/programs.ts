import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { PeerJob, PeerSample } from './measure.js';

const run = promisify(execFile);

const sources = fileURLToPath(new URL('../native/', import.meta.url));
const builds = fileURLToPath(new URL('./native/', import.meta.url));
const BUILD_TIMEOUT_MS = 600_000;

/** A client in another language: built once, then run for each load. */
export interface Program {
  readonly name: string;
  /** @throws where the language or its registry cannot be had */
  prepare(): Promise<(job: PeerJob, ticksPerFrame: number, certificate: string) => Promise<PeerSample>>;
}

export const PROGRAMS: readonly Program[] = [
  {
    name: 'gokiteconnect 4.4.0 (Go)',
    async prepare() {
      const file = path.join(builds, 'go-peer');
      await run('go', ['build', '-o', file, '.'], {
        cwd: path.join(sources, 'go-peer'),
        timeout: BUILD_TIMEOUT_MS,
      });
      return runner(file, []);
    },
  },
  {
    name: 'kiteconnect 5.2.2 (Python)',
    async prepare() {
      const environment = path.join(builds, 'python');
      const python = path.join(environment, 'bin', 'python');
      const source = path.join(sources, 'python');
      if (!existsSync(python)) await run('python3', ['-m', 'venv', environment]);
      await run(python, ['-m', 'pip', 'install', '--quiet', '-r', path.join(source, 'requirements.txt')], {
        timeout: BUILD_TIMEOUT_MS,
      });
      return runner(python, [path.join(source, 'peer.py')]);
    },
  },
];

/** Clients that the table names and this bench does not run. */
export const NOT_MEASURED: readonly string[] = [
  'kiteticker-async-manager 0.4.1 (Rust)',
  'kiteconnect 1.0.1 (Rust)',
  'kiteconnect 3.5.1 (Java)',
];

function runner(program: string, first: readonly string[]) {
  return async (job: PeerJob, ticksPerFrame: number, certificate: string): Promise<PeerSample> => {
    const { url, isStamped, warmUpMs } = job;
    const args = [...first, url, String(isStamped), String(ticksPerFrame), String(warmUpMs)];
    const { stdout } = await run(program, args, {
      env: { ...process.env, SSL_CERT_FILE: certificate },
      timeout: 60_000,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as PeerSample;
  };
}
