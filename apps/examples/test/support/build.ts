import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs in processes of their own run over the built packages. Through Nx these are up to date; else they are built here. */
export default function build(): void {
  if (process.env['NX_TASK_TARGET_PROJECT'] !== undefined) return;
  const require = createRequire(import.meta.url);
  const { bin } = require('nx/package.json') as { bin: { nx: string } };
  const nx = path.join(path.dirname(require.resolve('nx/package.json')), bin.nx);
  const { status, stdout, stderr } = spawnSync(process.execPath, [nx, 'run', 'kite-examples:prepare'], {
    cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the packages could not be built:\n${stdout}${stderr}`);
}
