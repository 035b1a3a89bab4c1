import { publishFeed } from '@kite/nats';

import { startLoadMeter } from '../harness/processor.js';
import { BenchFeed, instrumentsOf } from './market-feed.js';

/** A collector: begins to publish at the first question, and is measured between the others. */
export interface PublisherJob {
  readonly servers: string;
  readonly instruments: number;
}

export type PublisherQuestion =
  { readonly run: { readonly ticksPerSecond: number; readonly seconds: number } } | { readonly every: true };

export interface PublisherSample {
  readonly perSecond: number;
  /** CPU of the process in µs, for each tick. */
  readonly cpuMicros: number;
  readonly dropped: number;
}

export async function benchPublisher({ servers, instruments }: PublisherJob) {
  const feed = new BenchFeed(instrumentsOf(instruments));
  const publisher = await publishFeed({
    feed: feed.asFeed,
    servers,
    publisher: 'bench',
    onIssue: () => undefined,
  });
  return {
    answer: async (question: PublisherQuestion): Promise<PublisherSample | null> => {
      if ('every' in question) {
        for (let sent = 0; sent < instruments; sent += 10) feed.bring();
        while (publisher.getStats().unconfirmedBytes > 0)
          await new Promise((resolve) => setTimeout(resolve, 10));
        return null;
      }
      const { ticksPerSecond, seconds } = question.run;
      const before = publisher.getStats();
      const stop = startLoadMeter();
      await feed.run(ticksPerSecond, seconds);
      const { process, elapsedMs } = stop();
      const { published, dropped } = publisher.getStats();
      const count = published - before.published;
      return {
        perSecond: (count * 1000) / elapsedMs,
        cpuMicros: (process * elapsedMs * 1000) / count,
        dropped: dropped - before.dropped,
      };
    },
  };
}
