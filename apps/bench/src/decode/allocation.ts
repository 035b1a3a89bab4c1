import type { Frames } from '../frames/frames.js';
import { median } from '../harness/statistics.js';
import type { Pass } from './variants.js';

/** Heap bytes a tick of the code as optimised now; one pass easily fits the young generation. Needs `--expose-gc`. */
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
