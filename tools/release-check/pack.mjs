import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {{ name: string, version: string, private?: boolean, bin?: Record<string, string> }} Manifest
 * @typedef {{ manifest: Manifest, tarball: Buffer, integrity: string, size: number, files: number }} PackedPackage
 */

/**
 * Every package under `packages` that is published, as `npm publish` would send it.
 *
 * @param {string} root the repository's folder
 * @param {string} directory where the tarballs go
 * @returns {PackedPackage[]}
 */
export function packAll(root, directory) {
  const folders = readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name));
  return folders
    .filter((folder) => !manifestOf(folder).private)
    .map((folder) => {
      const output = execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // npm prints an array, or since version 12 an object by package name.
      const [report] =
        /** @type {{ filename: string, integrity: string, size: number, entryCount: number }[]} */ (
          Object.values(JSON.parse(output))
        );
      if (!report) throw new Error(`npm pack reported nothing in ${folder}`);
      return {
        manifest: manifestOf(folder),
        tarball: readFileSync(path.join(directory, report.filename)),
        integrity: report.integrity,
        size: report.size,
        files: report.entryCount,
      };
    });
}

/** @param {string} folder @returns {Manifest} */
function manifestOf(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
