import { setTimeout as sleep } from 'node:timers/promises';
import { KiteTickerManager } from '@kite/manager';

import { startLoadMeter } from '../harness/processor.js';

/** A manager fed at a steady pace. */
export interface LoadJob {
  readonly url: string;
  readonly connections: number;
  /** 0: inline. */
  readonly ioThreads: number;
  /** The readers: one listener of frames or of ticks, or this many tick channels. */
  readonly consumer: 'frame' | 'ticks' | number;
  readonly seconds: number;
}

/** Shares of a core, and what arrived. */
export interface LoadSample {
  readonly main: number;
  readonly process: number;
  readonly ticksPerSecond: number;
}

const WARM_UP_MS = 1000;

export async function measureLoad(job: LoadJob): Promise<LoadSample> {
  const manager = new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url: job.url,
    maxConnections: job.connections,
    enableDedicatedParsers: job.ioThreads > 0,
    ...(job.ioThreads > 0 && { ioThreads: job.ioThreads }),
  });
  manager.on('issue', ({ issue }) => {
    throw new Error(`not a fair run: ${JSON.stringify(issue)}`);
  });
  consume(manager, job.consumer);
  await manager.start();
  await sleep(WARM_UP_MS);
  const before = ticksReceived(manager);
  const load = startLoadMeter();
  await sleep(job.seconds * 1000);
  const { main, process, elapsedMs } = load();
  const ticksPerSecond = ((ticksReceived(manager) - before) / elapsedMs) * 1000;
  await manager.stop();
  return { main, process, ticksPerSecond };
}

function consume(manager: KiteTickerManager, consumer: LoadJob['consumer']): void {
  let seen = 0;
  if (consumer === 'frame') manager.on('frame', ({ bytes }) => void (seen += bytes.length));
  else if (consumer === 'ticks') manager.on('ticks', ({ ticks }) => void (seen += ticks.length));
  else {
    for (let i = 0; i < consumer; i++) {
      const channel = manager.ticks();
      void (async () => {
        for await (const { ticks } of channel) seen += ticks.length;
      })();
    }
  }
}

function ticksReceived(manager: KiteTickerManager): number {
  return manager.getStats().connectionStats.reduce((sum, { ticksReceived: each }) => sum + each, 0);
}
