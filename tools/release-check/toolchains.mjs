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

/**
 * A program from the npm registry, in a folder of its own.
 *
 * @param {'node' | 'typescript'} name
 * @param {string} version exact, or a major: then one that is already here is used
 * @returns {Tool}
 */
export function tool(name, version) {
  const folder = path.join(cache, `${name}-${version}`);
  const program = path.join(folder, 'node_modules', name, 'bin', name === 'node' ? 'node' : 'tsc');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    // The package called node fetches the binary for this machine when it is installed.
    const manifest = { private: true, allowScripts: { node: true } };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    const options = ['--prefix', folder, '--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];
    execFileSync('npm', ['install', `${name}@${version}`, ...options], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const command = name === 'node' ? program : process.execPath;
  const told = execFileSync(command, name === 'node' ? ['--version'] : [program, '--version'], {
    encoding: 'utf8',
  });
  return { label: told.replace(/^(Version |v)/, '').trim(), program };
}
