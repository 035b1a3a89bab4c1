// The search over one target, in a thread of its own, so that an input on which it hangs can be told.
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

import { Coverage } from './coverage.mjs';

/**
 * @typedef {object} SearchData
 * @property {string} bundle the file
 * @property {number} branches
 * @property {string[]} words
 * @property {string[]} corpus one character a byte
 * @property {number} seconds
 * @property {number} seed
 * @property {SharedArrayBuffer} shared the length of the input under way, then the input
 *
 * @typedef {object} Found
 * @property {number} executions
 * @property {number} reached
 * @property {string[]} corpus the smallest known inputs that reach all that is reached
 * @property {{ input: string, error: string } | undefined} failure
 */

const { bundle, branches, words, corpus, seconds, seed, shared } = /** @type {SearchData} */ (workerData);
const coverage = new Coverage(branches);
Object.assign(globalThis, { __kiteBranches: coverage.counters });
const { target, Mutator } = await import(pathToFileURL(bundle).href);

const length = new Int32Array(shared, 0, 1);
const current = new Uint8Array(shared, 4);
const maxLength = Math.min(target.maxLength ?? 2048, current.length);
const encoded = [...new Set([...(target.words ?? []), ...words])].map(bytesOf);
const mutator = new Mutator({ seed, maxLength, words: encoded });
/** @type {Uint8Array[]} */
const inputs = [];
let executions = 0;
/** @type {Found['failure']} */
let failure;

/** @param {Uint8Array} input @returns {Promise<unknown>} what it throws */
async function run(input) {
  current.set(input.subarray(0, current.length));
  length[0] = input.length;
  executions++;
  coverage.begin();
  try {
    const pending = target.run(input);
    // A turn of the loop for each input costs more than most parsers do.
    if (pending instanceof Promise) await pending;
    return undefined;
  } catch (error) {
    return error ?? new Error('it threw nothing');
  }
}

/** @param {Uint8Array} input @returns {Promise<boolean>} whether to go on */
async function attempt(input) {
  const error = await run(input);
  if (error === undefined) {
    if (coverage.end()) inputs.push(input.slice());
    return true;
  }
  failure = {
    input: textOf(await shortened(input)),
    error: error instanceof Error ? String(error.stack) : String(error),
  };
  return false;
}

/** As little of the input as still fails. @param {Uint8Array} input */
async function shortened(input) {
  let least = input;
  for (let size = input.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at + size <= least.length;) {
      const shorter = Uint8Array.from([...least.subarray(0, at), ...least.subarray(at + size)]);
      if ((await run(shorter)) === undefined) at += size;
      else least = shorter;
    }
  return least;
}

/** Of all inputs those that are needed to reach what they reach together, the shortest first. */
async function needed() {
  const covered = new Set();
  /** @type {Uint8Array[]} */
  const kept = [];
  for (const input of inputs.sort((a, b) => a.length - b.length)) {
    await run(input);
    const isNew = coverage.features.some((feature) => !covered.has(feature.split(':')[0]));
    for (const feature of coverage.features) covered.add(feature.split(':')[0]);
    if (isNew) kept.push(input);
  }
  return kept.map(textOf);
}

async function search() {
  for (const input of [...target.seeds, ...corpus.map(bytesOf)]) if (!(await attempt(input))) return;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end)
    for (let batch = 0; batch < 64; batch++) {
      // Every other time one of the newest, which have reached what others have not.
      const { length } = inputs;
      const newest = Math.max(0, length - 8);
      const chosen = mutator.below(2) === 0 ? newest + mutator.below(length - newest) : mutator.below(length);
      const input = /** @type {Uint8Array} */ (inputs[chosen]);
      const other = /** @type {Uint8Array} */ (inputs[mutator.below(length)]);
      if (!(await attempt(mutator.next(input, other)))) return;
    }
}

await search();
const tried = executions;
/** @type {Found} */
const found = {
  executions: tried,
  reached: coverage.reached,
  corpus: failure ? [] : await needed(),
  failure,
};
parentPort?.postMessage(found);

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** @param {string} text */
function bytesOf(text) {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}
