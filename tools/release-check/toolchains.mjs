import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The majors of Node that the packages are for. */
export const NODE_MAJORS = ['20', '22', '24'];

/**
 * The oldest and the newest TypeScript whose users are promised types, and the one that builds them. Before 5.7 typed
 * arrays did not name their buffer, and without that what is encoded could not be handed to a browser's socket.
 */
export const TYPESCRIPTS = ['5.7.3', '6.0.3', '7.0.2'];

/** @typedef {{ label: string, program: string }} Tool */

/**
 * A program from the npm registry, in a folder of its own that outlives the run: a Node is a download of 40 MB.
 *
 * @param {string} cache
 * @param {'node' | 'typescript'} name
 * @param {string} version exact, or a major: what is here already is taken then
 * @returns {Tool}
 */
export function tool(cache, name, version) {
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
