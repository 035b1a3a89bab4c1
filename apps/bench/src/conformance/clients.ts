import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const native = fileURLToPath(new URL('../../native/', import.meta.url));
const builds = fileURLToPath(new URL('../native/', import.meta.url));
const INSTALL_TIMEOUT_MS = 300_000;

/** A client and what is known of it. */
export interface Client {
  readonly name: string;
  /** The facts that it fails: more or fewer are news. */
  readonly fails: readonly number[];
  /** @returns its command @throws where its language or its registry cannot be had */
  prepare(): Promise<readonly string[]>;
}

export const CLIENTS: readonly Client[] = [
  {
    name: '@kite/connection',
    fails: [],
    prepare: () => Promise.resolve([process.execPath, path.join(here, 'ours.js')]),
  },
  {
    name: 'kiteconnect 5.3.0 (JavaScript)',
    fails: [11, 13, 14, 22, 37],
    prepare: () => Promise.resolve([process.execPath, path.join(here, 'kiteconnect.js')]),
  },
  {
    name: 'kiteconnect 5.2.2 (Python)',
    fails: [12, 22, 30, 37],
    async prepare() {
      const environment = path.join(builds, 'python');
      const python = path.join(environment, 'bin', 'python');
      const source = path.join(native, 'python');
      if (!existsSync(python)) await run('python3', ['-m', 'venv', environment]);
      await run(python, ['-m', 'pip', 'install', '--quiet', '-r', path.join(source, 'requirements.txt')], {
        timeout: INSTALL_TIMEOUT_MS,
      });
      return [python, path.join(source, 'conformance.py')];
    },
  },
  {
    name: 'gokiteconnect 4.4.0 (Go)',
    fails: [11, 12, 16, 18, 19],
    async prepare() {
      const file = path.join(builds, 'go-conformance');
      await run('go', ['build', '-o', file, '.'], {
        cwd: path.join(native, 'go-conformance'),
        timeout: INSTALL_TIMEOUT_MS,
      });
      return [file];
    },
  },
];
