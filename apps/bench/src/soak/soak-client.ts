import { appendFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { KiteTickerManager, Mode } from '@kite/manager';

import { ComeAndGo } from './come-and-go.js';
import { CSV_HEAD, csvLine, type SoakSample } from './soak-sample.js';

/** A manager under load for a long time. */
export interface SoakJob {
  readonly url: string;
  readonly instruments: number;
  readonly minutes: number;
  readonly everySeconds: number;
  /** The file to which each sample is written as it is taken. */
  readonly csv: string;
}

/** The result. */
export interface SoakResult {
  readonly samples: readonly SoakSample[];
  /** Resources that keep the event loop alive after a stop and did not before the start. */
  readonly handlesLeft: number;
  readonly ticksRead: number;
}

/** Time until every instrument streams and the optimiser has settled. */
const WARM_UP_MS = 10_000;

/** Everything that a stop closed is gone by then. */
const SETTLE_MS = 2000;

const MEGABYTE = 1024 * 1024;

/** Tokens built like those of NSE. */
const FIRST_NUMBER = 20_000;

/** Needs `--expose-gc`. */
export async function soak(job: SoakJob): Promise<SoakResult> {
  const handlesBefore = handles();
  const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token', url: job.url });
  const consumers = new ComeAndGo(manager);
  await manager.start();
  await manager.subscribeSymbols(
    Array.from({ length: job.instruments }, (_, index) => (FIRST_NUMBER + index) * 256 + 1),
    Mode.Full,
  );
  consumers.turn();
  await sleep(WARM_UP_MS);
  const samples = await watch(manager, consumers, job);
  await manager.stop();
  await consumers.gone();
  await sleep(SETTLE_MS);
  return { samples, handlesLeft: Math.max(0, handles() - handlesBefore), ticksRead: consumers.ticks };
}

async function watch(
  manager: KiteTickerManager,
  consumers: ComeAndGo,
  { minutes, everySeconds, csv }: SoakJob,
): Promise<SoakSample[]> {
  const samples: SoakSample[] = [];
  const delay = monitorEventLoopDelay({ resolution: 10 });
  writeFileSync(csv, CSV_HEAD);
  const began = performance.now();
  let last = { at: began, ...counted(manager) };
  while (performance.now() - began < minutes * 60_000) {
    delay.reset();
    delay.enable();
    await sleep(everySeconds * 1000);
    delay.disable();
    const now = { at: performance.now(), ...counted(manager) };
    const seconds = (now.at - last.at) / 1000;
    globalThis.gc!();
    const { heapUsed, rss } = process.memoryUsage();
    const sample: SoakSample = {
      minutes: (now.at - began) / 60_000,
      heapMb: heapUsed / MEGABYTE,
      rssMb: rss / MEGABYTE,
      handles: handles(),
      // It measures from timer to timer: the part above its resolution is delay.
      delayP50Ms: beyond(delay.percentile(50)),
      delayP99Ms: beyond(delay.percentile(99)),
      delayMaxMs: beyond(delay.max),
      ticksPerSecond: (now.ticks - last.ticks) / seconds,
      droppedPerSecond: (now.dropped - last.dropped) / seconds,
      consumers: consumers.size,
      reconnects: now.reconnects,
    };
    samples.push(sample);
    appendFileSync(csv, csvLine(sample));
    consumers.turn();
    last = { ...now, at: performance.now() };
  }
  return samples;
}

function beyond(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - 10);
}

function counted(manager: KiteTickerManager): { ticks: number; dropped: number; reconnects: number } {
  const counts = { ticks: 0, dropped: 0, reconnects: 0 };
  for (const { ticksReceived, droppedTicks, reconnects } of manager.getStats().connectionStats) {
    counts.ticks += ticksReceived;
    counts.dropped += droppedTicks;
    counts.reconnects += reconnects;
  }
  return counts;
}

function handles(): number {
  return process.getActiveResourcesInfo().length;
}
