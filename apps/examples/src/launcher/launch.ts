import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { readArguments } from './arguments-of.js';
import { build } from './build.js';
import { copyExample } from './copy.js';
import { root } from './nx.js';

/** Copies the example instead of running it. */
const COPY = '--copy';

/**
 * Reads the command line, builds what the example needs, and gives it the terminal.
 *
 * With `--copy FOLDER` it turns the example into a project, and prints how to run it.
 *
 * @param name its file in `apps/examples/src`, without the extension
 * @throws CommanderError for `--help` and for an unknown option
 */
export async function launch(name: string, args: readonly string[]): Promise<void> {
  const [option, folder] = args;
  const isCopy = option === COPY && folder !== undefined;
  if (!isCopy) await readArguments(name, args);
  const run = isCopy ? copyExample(name, path.resolve(process.env['INIT_CWD'] ?? '', folder)) : undefined;
  const failure = await build();
  if (failure === undefined) {
    if (run === undefined) start(name, args);
    else console.log(run);
  } else {
    process.stderr.write(`${failure}\nThe build failed, so there is nothing to start.\n`);
    process.exitCode = 1;
  }
}

/** Without this process's conditions: on the built packages, as users run it. */
function start(name: string, args: readonly string[]): void {
  const program = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the whole foreground group, the program included: the program decides when and how to end.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
