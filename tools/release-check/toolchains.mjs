import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { root } from '../nx.mjs';

/** The majors of Node that the packages are for. */
export const NODE_MAJORS = ['20', '22', '24'];

/**
 * The oldest and the newest TypeScript that the packages support. Between them: the first whose `Uint8Array` has a type
 * argument, and the one that builds the packages.
 */
export const TYPESCRIPTS = { oldest: '5.4.5', between: ['5.7.3', '6.0.3'], newest: '7.0.2' };

/**
 * Outlives a run, because a Node is a download of 40 MB. Not in `node_modules`: `npm ci` would delete it, and Nx removes
 * every folder in there from the path.
 */
const cache = path.join(root, '.cache/toolchains');

/** @typedef {{ label: string, program: string }} Tool */

/** Where each package has its program, in `node_modules`; `isScript`: which Node runs. */
const PROGRAMS = {
  node: { file: 'node/bin/node', isScript: false },
  typescript: { file: 'typescript/bin/tsc', isScript: true },
  bun: { file: '.bin/bun', isScript: false },
  deno: { file: 'deno/deno', isScript: false },
};

/**
 * A program from the npm registry, in a folder of its own.
 *
 * @param {keyof typeof PROGRAMS} name
 * @param {string} version exact, or a major: then one that is already here is used
 * @returns {Tool}
 */
export function tool(name, version) {
  const folder = path.join(cache, `${name}-${version}`);
  const { file, isScript } = PROGRAMS[name];
  const program = path.join(folder, 'node_modules', file);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    // These packages put the binary for this machine in its place when they are installed.
    const manifest = { private: true, allowScripts: { node: true, bun: true, deno: true } };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    const options = ['--prefix', folder, '--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];
    execFileSync('npm', ['install', `${name}@${version}`, ...options], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const [command, ...args] = isScript ? [process.execPath, program] : [program];
  const told = execFileSync(command, [...args, '--version'], { encoding: 'utf8' });
  return { label: /\d+\.\d+\.\d+\S*/.exec(told)?.[0] ?? told.trim(), program };
}
