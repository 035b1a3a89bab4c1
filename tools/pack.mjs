// `npm run pack`: every published package as a tarball in the folder `tarballs`, to be installed elsewhere before the first
// release, or to try a change in a program of yours.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import { readCommandLine } from './command-line.mjs';
import { nx, root } from './nx.mjs';
import { packAll } from './release-check/pack.mjs';

readCommandLine({
  command: 'npm run pack --',
  about: 'Builds every published package and packs it into the folder tarballs, to be installed elsewhere.',
});
const folder = path.join(root, 'tarballs');
execFileSync(process.execPath, [nx, 'run-many', '-t', 'build', '-p', 'packages/*'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const { manifest, size } of packAll(root, folder))
  console.log(`${manifest.name}@${manifest.version}: ${Math.round(size / 1024)} KiB`);
console.log(`\nInto a project of yours:\n  npm install ${path.join(folder, '*.tgz')}`);
