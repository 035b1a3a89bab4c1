// `npm run fuzz`: searches for inputs on which a parser breaks a guarantee, led by the code that inputs reach.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { bundleTarget } from './instrument.mjs';
import { readCorpus, targets, writeCorpus } from './targets.mjs';

/** An input that takes longer counts as one on which the parser hangs. */
const HANGS_AFTER_MS = 20_000;
const MAX_INPUT = 8192;

const USAGE = `npm run fuzz -- [TARGET…] [--seconds 60] [--seed N] [--keep]

  --seconds   how long to search each target
  --seed      draws the inputs; another one each time unless it is given
  --keep      writes the inputs that are needed to reach what was reached into the corpus

The targets: ${targets()
  .map(({ name }) => name)
  .join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.trunc(Math.random() * 2 ** 31));
const unknown = positionals.filter((name) => !targets().some((target) => target.name === name));
if (values.help || unknown.length > 0 || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  if (unknown.length > 0) console.error(`There is no target ${unknown.join(', ')}.`);
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const chosen = targets().filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  console.log(`${chosen.length} targets, ${seconds} s each, --seed ${seed}`);
  const failed = [];
  for (const target of chosen) if (!(await fuzz(target))) failed.push(target.name);
  if (failed.length > 0) console.error(`FAILED: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

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
    else if (values.keep) await writeCorpus(target, found.corpus);
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
          resolve(failed(now, `it hangs: nothing came within ${HANGS_AFTER_MS} ms`));
      }, 1000);
      const end = (/** @type {unknown} */ error) => resolve(failed(underWay(), String(error)));
      worker.on('message', resolve).on('error', end);
      worker.on('exit', (code) => end(`the search has ended with ${code}`));
    });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

/** The search has not come back: nothing else is known of it. @param {string} input @param {string} error @returns {import('./search.mjs').Found} */
function failed(input, error) {
  return { executions: 0, reached: 0, corpus: [], failure: { input, error } };
}
