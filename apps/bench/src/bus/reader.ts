import { openBusFeed } from '@kite/nats';

import { startLoadMeter } from '../harness/processor.js';
import { instrumentsOf } from './market-feed.js';

/** A program that reads some of the instruments. */
export interface ReaderJob {
  readonly servers: string;
  readonly name: string;
  /** Which of the instruments it reads. */
  readonly from: number;
  readonly count: number;
}

export type ReaderQuestion = { readonly begin: true } | { readonly end: true } | { readonly replay: number };

export interface ReaderSample {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly ticks: number;
  readonly gaps: number;
}

/** How long the last values took, in milliseconds. */
export interface ReaderOpened {
  readonly lastMs: number;
  readonly last: number;
}

export async function benchReader({ servers, name, from, count }: ReaderJob) {
  const feed = await openBusFeed({ servers, name });
  let ticks = 0;
  let gaps = 0;
  feed.on('ticks', (message) => (ticks += message.ticks.length));
  feed.on('gap', () => gaps++);
  const began = performance.now();
  await feed.subscribeSymbols(instrumentsOf(from + count).slice(from), 'full');
  const opened: ReaderOpened = { lastMs: performance.now() - began, last: ticks };
  let stop = startLoadMeter();
  const begin = (): void => {
    ticks = 0;
    gaps = 0;
    stop = startLoadMeter();
  };
  const sample = (): ReaderSample => {
    const { process, elapsedMs } = stop();
    return {
      perSecond: (ticks * 1000) / elapsedMs,
      cpuMicros: (process * elapsedMs * 1000) / ticks,
      ticks,
      gaps,
    };
  };
  return {
    answer: async (question: ReaderQuestion): Promise<ReaderOpened | ReaderSample> => {
      if ('begin' in question) {
        begin();
        return opened;
      }
      if ('end' in question) return sample();
      begin();
      ticks = 0;
      for await (const batch of feed.ticks({ from: 0 })) {
        ticks += batch.ticks.length;
        if (ticks >= question.replay) break;
      }
      return sample();
    },
  };
}
