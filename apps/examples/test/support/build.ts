import { spawnSync } from 'node:child_process';

import { nxProgram, root } from '../../src/launcher/nx.js';

/** Programs in processes of their own run over the built packages. Through Nx these are up to date; else they are built here. */
export default function build(): void {
  if (process.env['NX_TASK_TARGET_PROJECT'] !== undefined) return;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [nxProgram(), 'run', 'kite-examples:prepare'],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the packages could not be built:\n${stdout}${stderr}`);
}
