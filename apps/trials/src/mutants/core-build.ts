import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The folders that a patch can change and a build reads. */
const FOLDERS = ['packages', 'apps'];

/** What no patch changes and no build reads. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'test-results']);

/** The core with its trials as one file, built from sources with or without a patch. */
export interface CoreBuild {
  /** Where the built child is. */
  readonly folder: string;
  /** The same for the same program. */
  readonly hash: string;
  remove(): void;
}

/**
 * Builds the sources of a tree, with a patch if one is given. The tree itself does not change.
 *
 * @throws Error where the patch does not apply, or the patched sources do not build
 */
export function buildCore(root: string, patch?: string): CoreBuild {
  const copy = mkdtempSync(path.join(realpathSync(tmpdir()), 'kite-trials-'));
  const remove = (): void => {
    rmSync(copy, { recursive: true, force: true });
  };
  try {
    for (const folder of FOLDERS)
      cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true, filter: isSource });
    if (patch !== undefined) run('git', ['apply', patch], copy);
    // What is installed is the same for every tree.
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    const folder = path.join(copy, 'apps/trials/dist');
    bundle(root, copy, folder);
    const hash = createHash('sha256').update(readFileSync(path.join(folder, 'seeds-child.js')));
    return { folder, hash: hash.digest('hex').slice(0, 16), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function isSource(file: string): boolean {
  const name = path.basename(file);
  return !SKIPPED.has(name) && !name.startsWith('.');
}

/** Each package from its sources here: the links of `node_modules` lead to the other tree. */
function bundle(root: string, tree: string, outdir: string): void {
  const aliases = readdirSync(path.join(tree, 'packages')).map(
    (name) => `--alias:@kite/${name}=${path.join(tree, 'packages', name, 'src/index.ts')}`,
  );
  const options = ['--bundle', '--platform=node', '--format=esm', '--target=node20', '--external:ws'];
  run(
    path.join(root, 'node_modules/.bin/esbuild'),
    ['apps/trials/src/seeds-child.ts', ...options, '--log-level=error', ...aliases, `--outdir=${outdir}`],
    tree,
  );
}

/** @throws Error with what the program wrote, if it fails */
function run(program: string, args: readonly string[], cwd: string): void {
  // Git would take a checkout around the copy for the one that the patch is for.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(cwd) };
  execFileSync(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
}
