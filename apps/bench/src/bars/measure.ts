import { BarBuilder } from '@kite/bars';

import { startLoadMeter } from '../harness/processor.js';
import { marketOf } from './market.js';

/** Feeds four builders a stretch of the market at full speed. */
export interface BarsJob {
  readonly instruments: number;
  readonly ticksPerSecond: number;
  readonly seconds: number;
  /** How often the heap is measured; also once at the end. */
  readonly everySeconds: number;
}

/** The cost. */
export interface BarsSample {
  /** Share of a core, if the ticks came at their real pace. */
  readonly load: number;
  readonly bars: number;
  /** Heap in use after a collection, each `everySeconds`, and at the end. */
  readonly bytes: readonly number[];
}

const INTERVALS = ['1m', '5m', '15m', '1d'] as const;
/** Frames of a tenth of a second. */
const STEP_MS = 100;

/** Needs `--expose-gc`. */
export function measureBars(job: BarsJob): BarsSample {
  const market = passed(job, []);
  const both = passed(
    job,
    INTERVALS.map((interval) => new BarBuilder({ interval })),
  );
  // Excludes the time to create the ticks.
  return { ...both, load: (both.busyMs - market.busyMs) / (job.seconds * 1000) };
}

function passed(
  { instruments, ticksPerSecond, seconds, everySeconds }: BarsJob,
  builders: readonly BarBuilder[],
) {
  const market = marketOf(instruments);
  const steps = (seconds * 1000) / STEP_MS;
  const bytes: number[] = [];
  let bars = 0;
  let busyMs = 0;
  for (let step = 0; step < steps;) {
    const until = Math.min(steps, step + (everySeconds * 1000) / STEP_MS);
    const stop = startLoadMeter();
    for (; step < until; step++) {
      const now = market.open + step * STEP_MS;
      const ticks = market.ticks((ticksPerSecond * STEP_MS) / 1000, now);
      for (const builder of builders) bars += builder.push(ticks).length + builder.poll(now).length;
    }
    const { main, elapsedMs } = stop();
    busyMs += main * elapsedMs;
    bytes.push(used());
  }
  return { busyMs, bars, bytes };
}

function used(): number {
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
}
