// `npm run docs:run [-- page…]`: runs every block of TypeScript of the READMEs and guides as a reader would. The packages
// are packed and installed into an empty project; each block is pasted into a file of its own there, compiled and run.
// Blocks that import vitest are tests, and are run by it. A block passes if it ends with exit code 0, or if it prints and
// then stops at Ctrl-C; what it says with `// →` it must have printed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from 'esbuild';
import ts from 'typescript';

import { readCommandLine, refuse } from './command-line.mjs';
import { blocksOf, nameOf, pagesOf } from './docs-blocks.mjs';
import { compile } from './docs-compile.mjs';
import { startNats } from './docs-nats.mjs';
import { missing, run } from './docs-program.mjs';
import { nx, root } from './nx.mjs';
import { packAll } from './release-check/pack.mjs';

/** What blocks use beside our packages, and what compiling needs. */
const BESIDES = ['vitest', 'typescript', 'prom-client', '@types/node', '@types/ws'];
/** What blocks of the bus connect to; here it is a server of this run's own. */
const NATS_ADDRESS = 'localhost:4222';

const { operands: wanted } = readCommandLine({
  command: 'npm run docs:run --',
  about:
    'Runs every block of TypeScript of the READMEs and guides as a reader would. The exit code is 1 if one fails.',
  operands: '[pages...]',
  more: 'PAGE is a part of its path, such as getting-started. Without one, all of them run.',
});
const pages = pagesOf(root).filter((page) => wanted.length === 0 || wanted.some((one) => page.includes(one)));
if (pages.length === 0) refuse(`no page has ${wanted.join(' or ')} in its path`);
const blocks = pages.flatMap((page) => blocksOf(root, page));
const folder = mkdtempSync(path.join(tmpdir(), 'kite-docs-'));
/** @type {string[]} */
const problems = [];
/** @type {string[]} */
const skipped = [];
const count = { ended: 0, stopped: 0, tests: 0 };

/** @param {import('./docs-blocks.mjs').Block} block */
const textOf = (block) => block.lines.map(({ text }) => text).join('\n');

function install() {
  execFileSync(process.execPath, [nx, 'run-many', '-t', 'build', '-p', 'packages/*'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarballs = path.join(folder, 'tarballs');
  mkdirSync(tarballs);
  packAll(root, tarballs);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  // As the README says it.
  execFileSync('npm install --no-audit --no-fund --prefer-offline --loglevel=error ./tarballs/*.tgz', {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const name of BESIDES) link(name);
}

/** @param {string} name */
function link(name) {
  const place = path.join(folder, 'node_modules', name);
  mkdirSync(path.dirname(place), { recursive: true });
  const source = [path.join(root, 'node_modules', name), path.join(root, 'apps/examples/node_modules', name)];
  const found = source.find((one) => ts.sys.directoryExists(one));
  if (found === undefined) throw new Error(`${name} is not installed: run npm ci`);
  rmSync(place, { recursive: true, force: true });
  symlinkSync(found, place);
}

/** @param {import('./docs-blocks.mjs').Block} block @param {string | undefined} nats */
async function attempt(block, nats) {
  const name = nameOf(block);
  const text = textOf(block);
  const place = path.join(folder, 'programs', name.replace(/\W+/g, '-'));
  mkdirSync(place, { recursive: true });
  const { code } = transformSync(nats === undefined ? text : text.replaceAll(NATS_ADDRESS, nats), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
  });
  const file = path.join(place, 'program.mjs');
  writeFileSync(file, code);
  const { end, why, output } = await run(file, place);
  const absent = end === 'failed' ? undefined : missing(text, output);
  if (end === 'failed') problems.push(`${name}: ${why}\n${output.slice(-10).join('\n')}`);
  else if (absent !== undefined) problems.push(`${name}: it did not print ${absent}`);
  else count[end] += 1;
}

/** @param {readonly import('./docs-blocks.mjs').Block[]} tests */
function runTests(tests) {
  if (tests.length === 0) return;
  const place = path.join(folder, 'tests');
  mkdirSync(place);
  for (const block of tests)
    writeFileSync(path.join(place, `${nameOf(block).replace(/\W+/g, '-')}.test.ts`), textOf(block));
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', folder, '--testTimeout', '60000', '--maxWorkers', '2'],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, CI: 'true' } },
  );
  if (status === 0) count.tests = tests.length;
  else problems.push(`tests of the blocks: ${stdout}${stderr}`);
}

/** @param {readonly import('./docs-blocks.mjs').Block[]} programs */
async function runPrograms(programs) {
  const nats = await startNats(folder);
  const queue = [...programs];
  const work = async () => {
    for (let block = queue.shift(); block !== undefined; block = queue.shift()) {
      if (textOf(block).includes(NATS_ADDRESS) && nats.address === undefined)
        skipped.push(`${nameOf(block)}: there is no nats-server`);
      else await attempt(block, nats.address);
    }
  };
  try {
    await Promise.all([work(), work()]);
  } finally {
    await nats.stop();
  }
}

const runnable = blocks.filter(({ live }) => live === undefined);
const tests = runnable.filter((block) => /from 'vitest'/.test(textOf(block)));
try {
  install();
  const config = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder);
  delete options.customConditions;
  problems.push(...compile(blocks, folder, options));
  await runPrograms(runnable.filter((block) => !tests.includes(block)));
  runTests(tests);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const live = blocks.filter((block) => block.live !== undefined);
for (const problem of problems) console.error(problem);
const done = count.ended + count.stopped + count.tests;
console.log(
  `blocks ${blocks.length}, run ${done} (${count.ended} ended, ${count.stopped} stopped by Ctrl-C, ${count.tests} tests), live ${live.length}`,
);
for (const block of live) console.log(`  live: ${nameOf(block)}: ${block.live}`);
for (const line of skipped) console.log(`  not run: ${line}`);
process.exitCode = problems.length === 0 ? 0 : 1;
