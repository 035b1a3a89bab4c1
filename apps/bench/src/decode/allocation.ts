import { makeFrames, type Frames, type Shape } from '../frames/frames.js';
import { median } from '../harness/statistics.js';
import { VARIANTS, type Pass, type Reading, type Variant } from './variants.js';

/** What is to stay within a bound, once the optimiser has had its say. */
export interface AllocationJob {
  readonly shape: Shape;
  readonly size: number;
  readonly variant: Variant;
  readonly reading: Reading;
  readonly atMostBytes: number;
}

const TICKS = 500;
const PASSES_A_TRY = 200;
/** Far more than the optimiser ever needs; reached only where the bound is broken for good. */
const TRIES = 400;

/**
 * Heap bytes a tick, the least of many tries: before the optimiser has seen enough of it code allocates more, and how soon
 * it has depends on the machine. Ends as soon as the bound is kept. Needs `--expose-gc`.
 */
export function leastAllocated({ shape, size, variant, reading, atMostBytes }: AllocationJob): number {
  const frames = makeFrames(shape, size, TICKS);
  const pass = VARIANTS[variant][reading];
  const sum = new Float64Array(1);
  let least = Infinity;
  for (let tries = 0; tries < TRIES && least > atMostBytes; tries++) {
    for (let passes = 0; passes < PASSES_A_TRY; passes++) pass(frames, sum);
    least = Math.min(least, bytesPerTick(pass, frames, sum));
  }
  return least;
}

/** Heap bytes a tick as the code is now; one pass is far less than the young generation holds. Needs `--expose-gc`. */
export function bytesPerTick(pass: Pass, frames: Frames, sum: Float64Array): number {
  const nothing = median(Array.from({ length: 5 }, () => heapGrowth(() => undefined)));
  const growths = Array.from({ length: 5 }, () => heapGrowth(() => pass(frames, sum)));
  return Math.max(0, Math.round((median(growths) - nothing) / frames.ticks));
}

function heapGrowth(work: () => void): number {
  globalThis.gc!({ type: 'minor' } as never);
  const before = process.memoryUsage().heapUsed;
  work();
  return process.memoryUsage().heapUsed - before;
}
