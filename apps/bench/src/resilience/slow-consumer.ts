import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelOptions, KiteTicker } from '@kite/connection';

import { quantile } from '../harness/statistics.js';

/** A consumer that takes its time over each item, beside one that does not. */
export interface SlowConsumerJob {
  readonly url: string;
  readonly overflow: NonNullable<ChannelOptions['overflow']>;
  readonly capacity: number;
  readonly itemMs: number;
  readonly seconds: number;
}

export interface SlowConsumerSample {
  /** Ticks that the slow consumer got, of all that came. */
  readonly share: number;
  /** Ticks that it lost, of all that came. */
  readonly lostShare: number;
  /** The age of the data that it worked on. */
  readonly ageMs: number;
  /** The most items that waited for it. */
  readonly mostWaiting: number;
  /** Ticks that the quick consumer got, of all that came. */
  readonly neighbourShare: number;
  readonly neighbourAgeMs: number;
}

const WARM_UP_MS = 500;

export async function measureSlowConsumer(job: SlowConsumerJob): Promise<SlowConsumerSample> {
  const ticker = new KiteTicker({ apiKey: 'key', accessToken: 'token', url: job.url });
  await ticker.connect();
  await sleep(WARM_UP_MS);
  const before = ticker.getStats().ticksReceived;
  const slow = consume(ticker, { overflow: job.overflow, capacity: job.capacity }, job.itemMs);
  const quick = consume(ticker, {}, 0);
  await sleep(job.seconds * 1000);
  const came = ticker.getStats().ticksReceived - before;
  await ticker.close();
  return {
    share: slow.ticks / came,
    lostShare: slow.dropped / came,
    ageMs: quantile(slow.ages, 0.5),
    mostWaiting: slow.mostWaiting,
    neighbourShare: quick.ticks / came,
    neighbourAgeMs: quantile(quick.ages, 0.99),
  };
}

interface Consumption {
  ticks: number;
  readonly dropped: number;
  readonly ages: number[];
  mostWaiting: number;
}

function consume(ticker: KiteTicker, options: ChannelOptions, itemMs: number): Consumption {
  const channel = ticker.ticks(options);
  const consumption: Consumption = {
    ticks: 0,
    ages: [],
    mostWaiting: 0,
    get dropped() {
      return channel.dropped;
    },
  };
  const read = async (): Promise<void> => {
    for await (const { ticks, receivedAt } of channel) {
      consumption.ticks += ticks.length;
      consumption.ages.push(Date.now() - receivedAt);
      consumption.mostWaiting = Math.max(consumption.mostWaiting, channel.size);
      if (itemMs > 0) await sleep(itemMs);
    }
  };
  // With the policy `error` the channel fails after its waiting items have been read.
  read().catch(() => undefined);
  return consumption;
}
