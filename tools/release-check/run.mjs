// `npm run release:check`: what would be published, used by strangers.
//
// Builds and packs every package, serves the tarballs from a registry of its own, and installs each package
// alone into a fresh ES module project and a fresh CommonJS project. There each supported TypeScript compiles a
// program that uses the package, with `skipLibCheck` off, in every setup of `setups.mjs`: node16 and bundler
// resolution, `exactOptionalPropertyTypes` on and off, with and without the DOM's types. Each supported Node then
// runs the program. The programs are in `consumers`. Needs nothing but npm's registry.
//
// `--quick`: the Node that runs this, the oldest and the newest TypeScript, and a few setups for each.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readCommandLine, toggle } from '../command-line.mjs';
import { nx, root } from '../nx.mjs';
import { packAll } from './pack.mjs';
import { Project } from './project.mjs';
import { startRegistry } from './registry.mjs';
import { allSetups, nameOf, QUICK_SETUPS } from './setups.mjs';
import { startInstalledSimulator } from './simulator.mjs';
import { NODE_MAJORS, tool, TYPESCRIPTS } from './toolchains.mjs';

/** What the NATS client is made of. */
const NATS = ['jetstream', 'kv', 'nats-core', 'nkeys', 'nuid', 'transport-node']
  .map((name) => `@nats-io/${name}`)
  .concat('tweetnacl');

/** What comes along with each package, and nothing else may. */
const installs = {
  '@kite/protocol': [],
  '@kite/raw': ['@kite/protocol'],
  '@kite/calendar': [],
  '@kite/instruments': ['@kite/protocol'],
  '@kite/bars': ['@kite/calendar', '@kite/protocol'],
  '@kite/connection': ['@kite/protocol', '@kite/raw', 'ws'],
  '@kite/manager': ['@kite/connection', '@kite/protocol', '@kite/raw', 'ws'],
  '@kite/multi-api': ['@kite/connection', '@kite/manager', '@kite/protocol', '@kite/raw', 'ws'],
  '@kite/nats': ['@kite/connection', '@kite/protocol', '@kite/raw', ...NATS, 'ws'],
  '@kite/simulator': ['@kite/calendar', '@kite/protocol', 'commander', 'ws'],
};

const { options } = readCommandLine({
  command: 'npm run release:check --',
  about:
    'Installs each package alone, compiles a program with it and runs that, on every Node and with every TypeScript.',
  options: { quick: toggle('this Node alone, the oldest and the newest TypeScript, and a few setups') },
});
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

  const nodes = options.quick
    ? [{ label: process.versions.node, program: process.execPath }]
    : NODE_MAJORS.map((major) => tool('node', major));
  const { oldest, between, newest } = TYPESCRIPTS;
  const compilers = [oldest, ...(options.quick ? [] : between), newest].map((version) =>
    tool('typescript', version),
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
    for (const { label, program } of compilers) {
      const quick = QUICK_SETUPS[label === oldest ? 'oldest' : 'newest'];
      const setups = options.quick ? quick[project.format] : allSetups(project.format);
      await check(`${project.name} (${project.format}), TypeScript ${label}`, async () => {
        await project.compile(program, setups);
        return options.quick ? setups.map(nameOf).join(', ') : `in all ${setups.length} setups`;
      });
    }
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
