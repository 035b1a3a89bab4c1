import { performance, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

import { type Frames, makeFrames, type Shape } from '../frames/frames.js';
import { bytesPerTick } from './allocation.js';
import { type Pass, type Reading, type Variant, VARIANTS } from './variants.js';

/** What one process measures. */
export interface DecodeJob {
  readonly shape: Shape;
  readonly variant: Variant;
}

/**
 * The requests: prepare for a frame size; nanoseconds a tick, elapsed or CPU; heap bytes; and the garbage collector's
 * share of the time.
 */
export type DecodeQuestion =
  | { readonly what: 'prepare'; readonly size: number; readonly reading: Reading }
  | { readonly what: 'time' }
  | { readonly what: 'processor' }
  | { readonly what: 'bytes' }
  | { readonly what: 'collecting' };

const TICKS = 500;
const SAMPLE_MS = 40;
const LONGEST_SAMPLE_MS = 400;
/**
 * The garbage that a sample should leave, within the longest time: V8's young generation of 16 MB a dozen times. The
 * official decoder fills it in about 40 ms, and the collector frees its buffers later, on other threads. A shorter
 * sample would not pay for that, and would free the buffers during other turns.
 */
const SAMPLE_GARBAGE = 12 * 16 * 2 ** 20;
/** The optimiser compiles in the background, on shared cores: the first reading of a process needs the most time. */
const FIRST_WARM_UP_MS = 300;
const WARM_UP_MS = 80;

/** Measures one variant and nothing else in this process, so all garbage is its own. Needs `--expose-gc`. */
export function answerFor({ shape, variant }: DecodeJob): {
  answer: (question: DecodeQuestion) => unknown;
} {
  let warmUpMs = FIRST_WARM_UP_MS;
  let prepared: Prepared | undefined;
  return {
    answer: (question) => {
      if (question.what === 'prepare') {
        const { size, reading } = question;
        prepared = prepare(VARIANTS[variant][reading], makeFrames(shape, size, TICKS), warmUpMs);
        warmUpMs = WARM_UP_MS;
        return undefined;
      }
      if (!prepared) throw new Error('nothing is prepared');
      switch (question.what) {
        case 'time':
          return nsPerTick(prepared);
        case 'processor':
          return processorNsPerTick(prepared);
        case 'bytes':
          return bytesPerTick(prepared.pass, prepared.frames, SUM);
        case 'collecting':
          return collecting(prepared);
      }
    },
  };
}

interface Prepared {
  readonly pass: Pass;
  readonly frames: Frames;
  readonly repeat: number;
}

/** Runs until the optimiser has settled, and finds the passes for one sample from the last batch, the warmest. */
function prepare(pass: Pass, frames: Frames, warmUpMs: number): Prepared {
  let msAPass = 0;
  for (let batch = 1, ms = 0; ms < warmUpMs; batch *= 2) {
    msAPass = run(pass, frames, batch) / batch;
    ms += msAPass * batch;
  }
  const passesIn = (sampleMs: number): number => Math.ceil(sampleMs / msAPass);
  const byGarbage = Math.ceil(SAMPLE_GARBAGE / (bytesPerTick(pass, frames, SUM) * frames.ticks));
  const repeat = Math.max(passesIn(SAMPLE_MS), Math.min(byGarbage, passesIn(LONGEST_SAMPLE_MS)));
  return { pass, frames, repeat };
}

function nsPerTick({ pass, frames, repeat }: Prepared): number {
  return (run(pass, frames, repeat) * 1e6) / repeat / frames.ticks;
}

/** CPU time of all threads: waiting for a busy core does not count. */
function processorNsPerTick({ pass, frames, repeat }: Prepared): number {
  const start = process.cpuUsage();
  run(pass, frames, repeat);
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / repeat / frames.ticks;
}

async function collecting({ pass, frames, repeat }: Prepared): Promise<number> {
  let collectedMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collectedMs += entry.duration;
  });
  // Late reports belong to the time before.
  await turn();
  observer.observe({ entryTypes: ['gc'] });
  const ms = run(pass, frames, repeat);
  await turn();
  await turn();
  observer.disconnect();
  return collectedMs / ms;
}

const SUM = new Float64Array(1);

/** Elapsed milliseconds on the decoding thread, the collector's pauses included. */
function run(pass: Pass, frames: Frames, repeat: number): number {
  const start = performance.now();
  for (let i = 0; i < repeat; i++) pass(frames, SUM);
  const ms = performance.now() - start;
  // The checksum escapes, so that the optimiser cannot remove the reads.
  if (Number.isNaN(SUM[0])) throw new Error('a variant read what is not there');
  return ms;
}
