import { makeFrames, type Frames, type Shape } from './frames.js';
import { READINGS, VARIANTS, type Pass, type Reading } from './variants.js';

export const SIZES = [1, 10, 100] as const;

/** One figure of one process: how many times faster than the official decoder, or how many bytes a tick. */
export interface Sample {
  readonly shape: Shape;
  readonly size: number;
  readonly reading: Reading;
  readonly variant: string;
  readonly value: number;
}

const TICKS = 2000;
const SAMPLE_NS = 8e6;
const ROUNDS = 9;
/** The optimiser compiles in the background, on cores that others use too: less leaves the first variants cold. */
const WARM_UP_NS = 200e6;

/** Ratios to the official decoder: the median over rounds in which every variant runs once, in turning order. */
export function measureSpeed(shape: Shape): Sample[] {
  const samples: Sample[] = [];
  for (const size of SIZES) {
    const frames = makeFrames(shape, size, TICKS);
    for (const reading of READINGS) {
      const passes = Object.entries(VARIANTS).map(([variant, { [reading]: pass }]) => ({
        variant,
        pass,
        repeat: warmUp(pass, frames),
        times: [] as number[],
      }));
      assertEqualSums(passes.map(({ variant, pass }) => [variant, pass(frames)]));
      for (let round = 0; round < ROUNDS; round++) {
        for (let turn = 0; turn < passes.length; turn++) {
          const { pass, repeat, times } = passes[(turn + round) % passes.length]!;
          // Each pays for its own garbage, and for none of the one before: the official client leaves 10 KB a tick.
          // The young generation only: a full collection also throws away code that has not run for a while.
          globalThis.gc!({ type: 'minor' } as never);
          times.push(time(pass, frames, repeat) / repeat);
        }
      }
      const [official, ...ours] = passes;
      for (const { variant, times } of ours) {
        const value = median(times.map((ns, round) => official!.times[round]! / ns));
        samples.push({ shape, size, reading, variant, value });
      }
      const nsPerTick = median(official!.times) / frames.ticks;
      samples.push({ shape, size, reading, variant: 'official, ns a tick', value: nsPerTick });
    }
  }
  return samples;
}

/** Heap bytes allocated a tick. Needs `--expose-gc`, and a young generation that holds a whole pass. */
export function measureBytes(shape: Shape): Sample[] {
  const samples: Sample[] = [];
  for (const size of SIZES) {
    const frames = makeFrames(shape, size, TICKS);
    for (const reading of READINGS) {
      for (const [variant, { [reading]: pass }] of Object.entries(VARIANTS)) {
        warmUp(pass, frames);
        const bytes = Array.from({ length: 5 }, () => {
          globalThis.gc!();
          const before = process.memoryUsage().heapUsed;
          keep(pass(frames));
          return (process.memoryUsage().heapUsed - before) / frames.ticks;
        });
        samples.push({ shape, size, reading, variant, value: median(bytes) });
      }
    }
  }
  return samples;
}

/** Runs until the optimiser has had its time, and returns how many passes fill one sample. */
function warmUp(pass: Pass, frames: Frames): number {
  let passes = 0;
  let ns = 0;
  for (let batch = 1; ns < WARM_UP_NS; batch *= 2) {
    ns += time(pass, frames, batch);
    passes += batch;
  }
  return Math.max(1, Math.round((SAMPLE_NS * passes) / ns));
}

function time(pass: Pass, frames: Frames, repeat: number): number {
  let sum = 0;
  const start = process.hrtime.bigint();
  for (let i = 0; i < repeat; i++) sum += pass(frames);
  const ns = Number(process.hrtime.bigint() - start);
  keep(sum);
  return ns;
}

let kept = 0;

/** Lets a checksum escape, so that the optimiser cannot drop what led to it. */
function keep(sum: number): void {
  kept += sum;
  if (Number.isNaN(kept)) throw new Error('a variant read what is not there');
}

function assertEqualSums(sums: [variant: string, sum: number][]): void {
  const [, expected] = sums[0]!;
  for (const [variant, sum] of sums) {
    if (Math.abs(sum - expected) > 1e-9 * Math.abs(expected)) {
      throw new Error(`${variant} read ${sum} where the official client read ${expected}`);
    }
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
