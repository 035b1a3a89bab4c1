import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { nx, root } from './nx.mjs';

/**
 * Builds what the examples need, then hands the terminal over to one of them.
 *
 * @param {string} name its file in `apps/examples/src`, without the extension
 * @param {readonly string[]} args
 */
export function launch(name, args) {
  const program = fileURLToPath(new URL(`../apps/examples/src/${name}.ts`, import.meta.url));

  // The first time it takes half a minute.
  process.stderr.write(process.stderr.isTTY ? 'Building…' : 'Building…\n');
  const build = spawnSync(process.execPath, [nx, 'run', 'kite-examples:prepare', '--outputStyle=static'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[2K');

  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}\nThe build failed, so there is nothing to start.\n`);
    process.exitCode = 1;
    return;
  }
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the whole foreground group, the program included: it decides when to end, and how.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
