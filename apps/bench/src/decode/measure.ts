import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { makeFrames, type Frames, type Shape } from '../frames/frames.js';
import { processNs } from '../harness/processor.js';
import { median } from '../harness/statistics.js';
import { bytesPerTick } from './allocation.js';
import { READINGS, VARIANTS, type Pass, type Reading, type Variant } from './variants.js';

export const SIZES = [1, 10, 100, 500] as const;

/** What one process is to measure. */
export interface DecodeJob {
  readonly shape: Shape;
  readonly variant: Variant;
  readonly sizes: readonly number[];
}

/** What one process measured for one size of frame and one reading. */
export interface DecodeSample {
  readonly size: number;
  readonly reading: Reading;
  /** How many times faster than the official decoder, the two by turns: the median of the rounds. */
  readonly speed: number;
  /** Of CPU time, that of the collector's threads included. */
  readonly nsPerTick: number;
  readonly bytesPerTick: number;
  /** Of the official decoder, in the same process. */
  readonly officialBytesPerTick: number;
  /** The garbage collector's share of the time. */
  readonly gcShare: number;
}

const TICKS = 500;
const ROUNDS = 7;
const SAMPLE_NS = 4e6;
/** The optimiser compiles in the background, on cores that others use too: the first reading of a process needs the most. */
const FIRST_WARM_UP_NS = 300e6;
const WARM_UP_NS = 80e6;
const GC_WINDOW_NS = 40e6;

/** Measures one variant, by turns with the official decoder, and nothing else in this process. Needs `--expose-gc`. */
export async function measureVariant({ shape, variant, sizes }: DecodeJob): Promise<DecodeSample[]> {
  const samples: DecodeSample[] = [];
  let warmUpNs = FIRST_WARM_UP_NS;
  for (const size of sizes) {
    const frames = makeFrames(shape, size, TICKS);
    for (const reading of READINGS) {
      const official = prepared(VARIANTS.official[reading], frames, warmUpNs / 2);
      const ours = prepared(VARIANTS[variant][reading], frames, warmUpNs);
      warmUpNs = WARM_UP_NS;
      const rounds = Array.from({ length: ROUNDS }, (_, round) => {
        // By turns also in who comes first; each pays for its own garbage, and for none of the one before.
        const [first, second] = round % 2 === 0 ? [official, ours] : [ours, official];
        const times = new Map([first, second].map((one) => [one, timed(one)]));
        return { official: times.get(official)!, ours: times.get(ours)! };
      });
      samples.push({
        size,
        reading,
        speed: median(rounds.map((round) => round.official / round.ours)),
        nsPerTick: median(rounds.map((round) => round.ours)),
        bytesPerTick: bytesPerTick(ours.pass, frames, SUM),
        officialBytesPerTick: bytesPerTick(official.pass, frames, SUM),
        gcShare: await collecting(ours),
      });
    }
  }
  return samples;
}

interface Prepared {
  readonly pass: Pass;
  readonly frames: Frames;
  readonly repeat: number;
}

/** Runs until the optimiser has had its time, and finds how many passes fill one sample. */
function prepared(pass: Pass, frames: Frames, warmUpNs: number): Prepared {
  let passes = 0;
  let ns = 0;
  for (let batch = 1; ns < warmUpNs; batch *= 2) {
    ns += run(pass, frames, batch);
    passes += batch;
  }
  return { pass, frames, repeat: Math.max(1, Math.round((SAMPLE_NS * passes) / ns)) };
}

/** Nanoseconds a tick. */
function timed({ pass, frames, repeat }: Prepared): number {
  // The young generation only: a full collection also throws away code that has not run for a while.
  globalThis.gc!({ type: 'minor' } as never);
  return run(pass, frames, repeat) / repeat / frames.ticks;
}

async function collecting({ pass, frames, repeat }: Prepared): Promise<number> {
  let collectedMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collectedMs += entry.duration;
  });
  globalThis.gc!({ type: 'minor' } as never);
  // What is reported late is of before.
  await turn();
  observer.observe({ entryTypes: ['gc'] });
  let ns = 0;
  while (ns < GC_WINDOW_NS) ns += run(pass, frames, repeat);
  await turn();
  await turn();
  observer.disconnect();
  return (collectedMs * 1e6) / ns;
}

const SUM = new Float64Array(1);

function run(pass: Pass, frames: Frames, repeat: number): number {
  const start = processNs();
  for (let i = 0; i < repeat; i++) pass(frames, SUM);
  // At least the clock's precision: one pass may be quicker than that.
  const ns = Math.max(1000, processNs() - start);
  // The checksum escapes, so that the optimiser cannot drop what led to it.
  if (Number.isNaN(SUM[0])) throw new Error('a variant read what is not there');
  return ns;
}
