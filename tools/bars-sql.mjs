// A step of `npm run nightly`: the bars of a simulated day beside DuckDB's. DuckDB is 70 MB, so no package depends on it: it is
// installed into a new folder, and the test that needs it is told where.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { root } from './nx.mjs';

const DUCKDB = '@duckdb/node-api@1.5.6-r.1';

/** @throws Error when DuckDB cannot be installed, and when a bar is another */
export function compareBars() {
  const folder = mkdtempSync(path.join(tmpdir(), 'kite-bars-sql-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true }));
    run('npm', ['install', DUCKDB, '--no-audit', '--no-fund', '--loglevel=error'], folder);
    run('npm', ['test', '-w', '@kite/bars', '--', 'test/fake/sql-oracle'], root, {
      KITE_DUCKDB_FOLDER: folder,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} command @param {string[]} args @param {string} cwd @param {NodeJS.ProcessEnv} [env] on top of this process's own */
function run(command, args, cwd, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}`);
}
