import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { readArguments } from './arguments-of.js';
import { build } from './build.js';
import { root } from './nx.js';

/**
 * Reads the command line, builds what an example needs, and hands the terminal over to it.
 *
 * @param name its file in `apps/examples/src`, without the extension
 * @throws CommanderError for a command line that asks for help, or for what there is not
 */
export async function launch(name: string, args: readonly string[]): Promise<void> {
  await readArguments(name, args);
  const failure = await build();
  if (failure === undefined) start(name, args);
  else {
    process.stderr.write(`${failure}\nThe build failed, so there is nothing to start.\n`);
    process.exitCode = 1;
  }
}

/** Without the conditions of this process: over the built packages, as users run it. */
function start(name: string, args: readonly string[]): void {
  const program = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the whole foreground group, the program included: it decides when to end, and how.
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
