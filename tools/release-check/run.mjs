// `npm run release:check`: what would be published, used by strangers.
//
// Builds and packs every package, serves the tarballs as a registry of their own, and installs each package
// alone into a fresh ES module project and a fresh CommonJS project. There a TypeScript program that uses it is
// compiled against the packed types, with node16 and with bundler resolution, by the oldest and by the newest
// TypeScript that is supported, and what comes out is run on each Node that is supported. The programs are in
// `consumers`. Needs nothing but npm's registry. `--quick`: with the Node that runs this, and two compilers.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { nx, root } from '../nx.mjs';
import { packAll } from './pack.mjs';
import { Project } from './project.mjs';
import { startRegistry } from './registry.mjs';
import { startInstalledSimulator } from './simulator.mjs';
import { NODE_MAJORS, tool, TYPESCRIPTS } from './toolchains.mjs';

/** What comes along with each package, and nothing else may. */
const installs = {
  '@kite/protocol': [],
  '@kite/raw': ['@kite/protocol'],
  '@kite/connection': ['@kite/protocol', '@kite/raw', 'ws'],
  '@kite/manager': ['@kite/connection', '@kite/protocol', '@kite/raw', 'ws'],
  '@kite/multi-api': ['@kite/connection', '@kite/manager', '@kite/protocol', '@kite/raw', 'ws'],
  '@kite/simulator': ['@kite/protocol', 'commander', 'ws'],
};

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const started = performance.now();
const failures = /** @type {string[]} */ ([]);

/** @param {string} what @param {() => Promise<string>} act */
async function check(what, act) {
  try {
    console.log(`  ok    ${what}: ${await act()}`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    console.log(`  FAIL  ${what}: ${message}`);
    failures.push(what);
  }
}

/** @param {Project} project @param {string[]} wanted */
async function installed(project, wanted) {
  const found = (await project.install()).filter((name) => name !== project.name).sort();
  if (found.join() !== [...wanted].sort().join()) throw new Error(`installed ${found.join(', ')}`);
  return found.length === 0 ? 'alone' : `with ${found.join(', ')}`;
}

const directory = mkdtempSync(path.join(tmpdir(), 'kite-release-'));
/** @type {(() => void)[]} */
const cleanUp = [() => rmSync(directory, { recursive: true, force: true })];

try {
  execFileSync(process.execPath, [nx, 'run-many', '-t', 'build', '-p', 'packages/*'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

  const packages = packAll(root, directory);
  console.log('Packed');
  for (const { manifest, files, size } of packages) {
    console.log(`  ${manifest.name}@${manifest.version}: ${files} files, ${Math.round(size / 1024)} KiB`);
  }
  const registry = await startRegistry(packages);
  cleanUp.push(registry.close);

  const cache = path.join(root, 'node_modules/.cache/kite-release-check');
  const nodes = values.quick
    ? [{ label: process.versions.node, program: process.execPath }]
    : NODE_MAJORS.map((major) => tool(cache, 'node', major));
  const compilers = TYPESCRIPTS.filter((_, index) => !values.quick || index !== 1).map((version) =>
    tool(cache, 'typescript', version),
  );

  /** @type {Project[]} */
  const projects = [];
  console.log('Installed');
  for (const [name, wanted] of Object.entries(installs)) {
    for (const format of /** @type {const} */ (['module', 'commonjs'])) {
      const project = new Project({ directory, name, format, registry: registry.url });
      projects.push(project);
      await check(`${name} (${format})`, () => installed(project, wanted));
      await project.prepare();
    }
  }
  for (const { manifest } of packages) {
    if (!(manifest.name in installs)) failures.push(`${manifest.name} is not checked`);
  }

  console.log('Compiled');
  for (const project of projects) {
    /** @type {import('./project.mjs').Resolution[]} */
    const resolutions = ['node16'];
    // A bundler reads ES modules, whatever the project calls itself.
    if (project.format === 'module') resolutions.push('bundler');
    await check(`${project.name} (${project.format}), ${resolutions.join(' and ')}`, async () => {
      for (const { program } of compilers) {
        for (const resolution of resolutions) await project.compile(program, resolution);
      }
      return `TypeScript ${compilers.map(({ label }) => label).join(', ')}`;
    });
  }

  const folder = projects.find(({ name }) => name === '@kite/simulator')?.folder ?? directory;
  const simulator = await startInstalledSimulator(folder);
  cleanUp.push(simulator.stop);

  console.log('Run');
  for (const project of projects) {
    for (const { label, program } of nodes) {
      await check(`${project.name} (${project.format}), Node ${label}`, () =>
        project.run(program, simulator.url),
      );
    }
  }
} finally {
  for (const clean of cleanUp.reverse()) clean();
}

const seconds = Math.round((performance.now() - started) / 1000);
console.log(failures.length === 0 ? `All of it works (${seconds} s).` : `FAILED: ${failures.join('; ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
