// `npm run fuzz`: searches for inputs on which a parser breaks a guarantee, led by the code that inputs reach.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { integer, positive, readCommandLine, refuse, toggle } from '../command-line.mjs';
import { bundleTarget } from './instrument.mjs';
import { readCorpus, targets, writeCorpus } from './targets.mjs';

/** An input that takes longer counts as one on which the parser hangs. */
const HANGS_AFTER_MS = 20_000;
const MAX_INPUT = 8192;

const names = targets().map(({ name }) => name);
const { options, operands } = readCommandLine({
  command: 'npm run fuzz --',
  about: 'Searches for inputs on which a parser breaks a guarantee. The exit code is 1 if it found one.',
  operands: '[targets...]',
  options: {
    seconds: positive('N', 'how long to search each target', { otherwise: 60 }),
    seed: integer('N', 'draws the inputs; another one each time unless it is given'),
    keep: toggle('write the inputs that reach the most code into the corpus'),
  },
  more: `The targets: ${names.join(', ')}`,
});
const { seconds, seed = Math.trunc(Math.random() * 2 ** 31) } = options;
const unknown = operands.filter((name) => !names.includes(name));
if (unknown.length > 0) refuse(`there is no target ${unknown.join(', ')}; allowed: ${names.join(', ')}`);
const chosen = targets().filter(({ name }) => operands.length === 0 || operands.includes(name));
console.log(`${chosen.length} targets, ${seconds} s each, --seed ${seed}`);
const failed = [];
for (const target of chosen) if (!(await fuzz(target))) failed.push(target.name);
if (failed.length > 0) console.error(`FAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** @param {import('./targets.mjs').Target} target @returns {Promise<boolean>} whether nothing was found */
async function fuzz(target) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kite-fuzz-'));
  try {
    const bundle = path.join(folder, 'target.mjs');
    const { branches, words } = await bundleTarget(target.file, bundle);
    const corpus = readCorpus(target);
    const found = await search({ bundle, branches, words, corpus, seconds, seed });
    const { executions, reached, failure } = found;
    const perSecond = Math.round(executions / seconds);
    console.log(
      `${target.name}: ${executions} executions, ${perSecond} a second, ${reached} branches, corpus ${found.corpus.length}`,
    );
    if (failure) console.error(`fails on ${JSON.stringify(failure.input)}\n${failure.error}`);
    else if (options.keep) await writeCorpus(target, found.corpus);
    return !failure;
  } catch (error) {
    console.error(`${target.name}: ${error instanceof Error ? error.stack : error}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Omit<import('./search.mjs').SearchData, 'shared'>} data @returns {Promise<import('./search.mjs').Found>} */
async function search(data) {
  const shared = new SharedArrayBuffer(4 + MAX_INPUT);
  const length = new Int32Array(shared, 0, 1);
  const worker = new Worker(new URL('search.mjs', import.meta.url), { workerData: { ...data, shared } });
  const underWay = () => Buffer.from(new Uint8Array(shared, 4, length[0]).slice()).toString('latin1');
  let last = underWay();
  let since = performance.now();
  let watch;
  try {
    return await new Promise((resolve) => {
      watch = setInterval(() => {
        const now = underWay();
        if (now !== last) [last, since] = [now, performance.now()];
        else if (performance.now() - since > HANGS_AFTER_MS)
          resolve(broken(now, `it hangs: nothing came within ${HANGS_AFTER_MS} ms`));
      }, 1000);
      const end = (/** @type {unknown} */ error) => resolve(broken(underWay(), String(error)));
      worker.on('message', resolve).on('error', end);
      worker.on('exit', (code) => end(`the search has ended with ${code}`));
    });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

/** The search has not come back: nothing else is known of it. @param {string} input @param {string} error @returns {import('./search.mjs').Found} */
function broken(input, error) {
  return { executions: 0, reached: 0, corpus: [], failure: { input, error } };
}
