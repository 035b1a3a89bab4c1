// `npm start`: builds what the example needs, then hands the terminal over to it.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nx, root } from './nx.mjs';

const program = fileURLToPath(new URL('../apps/examples/src/live-market.ts', import.meta.url));

if (process.stderr.isTTY) process.stderr.write('Building…');
const build = spawnSync(process.execPath, [nx, 'run', 'kite-examples:prepare', '--outputStyle=static'], {
  cwd: root,
  encoding: 'utf8',
});
if (process.stderr.isTTY) process.stderr.write('\r\u001B[2K');

if (build.status !== 0) {
  process.stderr.write(`${build.stdout}${build.stderr}\nThe build failed, so there is nothing to start.\n`);
  process.exitCode = 1;
} else {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...process.argv.slice(2)], {
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
