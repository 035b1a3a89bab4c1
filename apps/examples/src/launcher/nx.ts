import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Nx's program, to run with this same Node. */
export function nxProgram(): string {
  const require = createRequire(import.meta.url);
  const { bin } = require('nx/package.json') as { bin: { nx: string } };
  return path.join(path.dirname(require.resolve('nx/package.json')), bin.nx);
}
