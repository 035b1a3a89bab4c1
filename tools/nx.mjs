import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const manifest = createRequire(import.meta.url).resolve('nx/package.json');

/** Nx's program, to be run by this very Node. */
export const nx = path.join(path.dirname(manifest), createRequire(manifest)(manifest).bin.nx);
