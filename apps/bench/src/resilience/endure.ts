import { setTimeout as sleep } from 'node:timers/promises';
import { KiteTickerManager } from '@kite/manager';

/** A manager fed for a long time, with a consumer that cannot keep up. */
export interface EnduranceJob {
  readonly url: string;
  /** 0: inline. */
  readonly ioThreads: number;
  readonly minutes: number;
  readonly capacity: number;
}

/** Memory in use at one moment, after a full collection. */
interface MemorySample {
  /** The heap and the buffers beside it. */
  readonly usedBytes: number;
  /** Of the process. */
  readonly residentBytes: number;
}

export interface EnduranceSample {
  /** After a tenth of the time, two tenths, and so on. */
  readonly memory: readonly MemorySample[];
  readonly ticksReceived: number;
  readonly disconnects: number;
  /** The most items that waited for the slow consumer. */
  readonly mostWaiting: number;
}

const TENTHS = 10;
const SLOW_MS = 20;

/** Needs `--expose-gc`. */
export async function measureEndurance(job: EnduranceJob): Promise<EnduranceSample> {
  const manager = new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url: job.url,
    maxConnections: 1,
    enableDedicatedParsers: job.ioThreads > 0,
  });
  let seen = 0;
  let mostWaiting = 0;
  const quick = async (): Promise<void> => {
    for await (const { ticks } of manager.ticks()) seen += ticks.length;
  };
  const slow = async (): Promise<void> => {
    const channel = manager.ticks({ capacity: job.capacity, overflow: 'drop-oldest' });
    for await (const { ticks } of channel) {
      seen += ticks.length;
      mostWaiting = Math.max(mostWaiting, channel.size);
      await sleep(SLOW_MS);
    }
  };
  await manager.start();
  const reading = [quick(), slow()];
  const memory: MemorySample[] = [];
  for (let tenth = 0; tenth < TENTHS; tenth++) {
    await sleep((job.minutes * 60_000) / TENTHS);
    globalThis.gc!();
    const { heapUsed, external, rss } = process.memoryUsage();
    memory.push({ usedBytes: heapUsed + external, residentBytes: rss });
  }
  const [stats] = manager.getStats().connectionStats;
  await manager.stop();
  await Promise.all(reading);
  return {
    memory,
    ticksReceived: stats!.ticksReceived,
    disconnects: stats!.reconnects,
    mostWaiting: seen > 0 ? mostWaiting : NaN,
  };
}
