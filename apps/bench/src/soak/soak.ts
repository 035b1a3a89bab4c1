import type { SimulatorOptions } from '@kite/simulator';

import { inChild, startServer } from '../harness/child.js';
import { median } from '../harness/statistics.js';
import { soakChart } from './soak-chart.js';
import type { SoakJob, SoakResult } from './soak-client.js';
import type { SoakSample } from './soak-sample.js';

/** How long and how much. */
export interface SoakOptions {
  readonly minutes: number;
  readonly ticksPerSecond: number;
  readonly csv: string;
  readonly svg: string;
}

/** The most that an account may have. */
const INSTRUMENTS = 9000;

/** The most points in a chart. */
const POINTS = 360;

/** Allowed growth over the smallest heap: a byte kept of every tick would double it several times in an hour. */
const GROWTH = 1.5;

/** Runs a manager under load in its own process, a simulator in another; gives lines to print, and the verdict. */
export async function runSoak(options: SoakOptions): Promise<{ lines: string[]; hasHeld: boolean }> {
  const { minutes, ticksPerSecond, csv, svg } = options;
  const server = await startServer('simulator', {
    ticksPerSecond,
    instruments: 0,
    pingIntervalMs: 2500,
  } satisfies SimulatorOptions);
  const everySeconds = Math.max(1, (minutes * 60) / POINTS);
  const job: SoakJob = { url: server.url, instruments: INSTRUMENTS, minutes, everySeconds, csv };
  const result = await inChild<SoakResult>('soak', job, { flags: ['--expose-gc'] });
  await server.stop();
  soakChart(csv, svg);
  return verdictOf(result);
}

function verdictOf({ samples, handlesLeft, ticksRead }: SoakResult): { lines: string[]; hasHeld: boolean } {
  const half = samples.length >> 1;
  const halves = (pick: (sample: SoakSample) => number): [number, number] => [
    median(samples.slice(0, half).map(pick)),
    median(samples.slice(half).map(pick)),
  ];
  const [heapBefore, heapAfter] = halves(({ heapMb }) => heapMb);
  // Items waiting for slow consumers vary with processor time: a leak shows only when nothing waits.
  const quarter = Math.ceil(samples.length / 4);
  const leastBefore = leastHeap(samples.slice(half - quarter, half));
  const leastAfter = leastHeap(samples.slice(-quarter));
  const [rssBefore, rssAfter] = halves(({ rssMb }) => rssMb);
  const [rateBefore, rateAfter] = halves(({ ticksPerSecond }) => ticksPerSecond);
  const [delayBefore, delayAfter] = halves(({ delayP99Ms }) => delayP99Ms);
  const worst = Math.max(...samples.map(({ delayMaxMs }) => delayMaxMs));
  const { reconnects } = samples.at(-1)!;
  const inHalves = (name: string, before: number, after: number, unit: string): string =>
    `${name}: ${before.toFixed(1)} ${unit} in the first half, ${after.toFixed(1)} ${unit} in the second (medians)`;
  return {
    lines: [
      `${samples.length} samples over ${samples.at(-1)!.minutes.toFixed(0)} minutes, ${ticksRead} ticks read by all consumers`,
      inHalves('heap', heapBefore, heapAfter, 'MB'),
      `heap at its least: ${leastBefore.toFixed(1)} MB in the second quarter, ${leastAfter.toFixed(1)} MB in the last`,
      inHalves('process', rssBefore, rssAfter, 'MB'),
      inHalves('ticks received', rateBefore, rateAfter, 'a second'),
      inHalves('event-loop delay, p99', delayBefore, delayAfter, 'ms'),
      `event-loop delay, worst: ${worst.toFixed(0)} ms`,
      `reconnects: ${reconnects}; handles left after the stop: ${handlesLeft}`,
    ],
    hasHeld: leastAfter < leastBefore * GROWTH && handlesLeft === 0,
  };
}

function leastHeap(samples: readonly SoakSample[]): number {
  return Math.min(...samples.map(({ heapMb }) => heapMb));
}
