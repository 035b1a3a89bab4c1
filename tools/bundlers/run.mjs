// A step of `npm run nightly`: @kite/manager in a bundle, by each recipe of the guide (docs/guides/bundling.md). Builds and packs
// the packages, installs them with the bundlers into a new folder, and runs each bundle.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { nx, root } from '../nx.mjs';
import { packAll } from '../release-check/pack.mjs';
import { startRegistry } from '../release-check/registry.mjs';
import { startInstalledSimulator } from '../release-check/simulator.mjs';
import { judgeRecipes } from './judge.mjs';

const BUNDLERS = [
  'esbuild@0.28.2',
  'vite@8.3.8',
  'webpack@5.113.0',
  'next@16.4.6',
  'react@19.3.1',
  'react-dom@19.3.1',
];

const directory = mkdtempSync(path.join(tmpdir(), 'kite-bundlers-'));
/** @type {(() => void)[]} */
const cleanUp = [() => rmSync(directory, { recursive: true, force: true })];
try {
  execFileSync(process.execPath, [nx, 'run-many', '-t', 'build', '-p', 'packages/*'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const registry = await startRegistry(packAll(root, directory));
  cleanUp.push(registry.close);
  const project = path.join(directory, 'project');
  mkdirSync(project);
  // esbuild chooses its program when it is installed.
  const manifest = { private: true, type: 'module', allowScripts: { esbuild: true } };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(project, '.npmrc'), `@kite:registry=${registry.url}\naudit=false\nfund=false\n`);
  await install(project, ['@kite/manager', '@kite/simulator', ...BUNDLERS]);
  const simulator = await startInstalledSimulator(project);
  cleanUp.push(simulator.stop);
  const failures = await judgeRecipes({ project, out: path.join(directory, 'out'), url: simulator.url });
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  for (const clean of cleanUp.reverse()) clean();
}

/** The registry is in this process, which must not block meanwhile. @param {string} folder @param {string[]} names */
async function install(folder, names) {
  const child = spawn('npm', ['install', ...names, '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`npm install ended with ${code}`);
}
