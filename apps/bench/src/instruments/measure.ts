import { Instruments } from '@kite/instruments';

import { quantile } from '../harness/statistics.js';
import { madeList } from './made-list.js';
import { type ParserName, PARSERS } from './parsers.js';
import { queriesOf } from './queries.js';

/** What a process is asked. */
export type ListQuestion = 'parse' | 'memory' | 'search';

/** How long queries took. */
export interface SearchSample {
  /** Of the first one, which makes the index; in ms. */
  readonly first: number;
  readonly median: number;
  readonly p99: number;
}

/** A process that reads the list in one way, and in no other. */
export function answerForList({ parser }: { parser: ParserName }): {
  answer: (question: ListQuestion) => unknown;
} {
  const csv = madeList();
  const parse = PARSERS[parser];
  const list = parse(csv);
  if (list.rows !== csv.split('\n').length - 2 || list.name(256_265) !== 'NIFTY 50')
    throw new Error(`${parser} has read the list otherwise: ${list.rows} rows`);
  return {
    answer: (question) => {
      if (question === 'parse') return timeOf(() => parse(csv));
      return question === 'memory' ? bytesKept(() => parse(csv)) : searchTimes(csv);
    },
  };
}

function timeOf(act: () => unknown): number {
  const started = performance.now();
  act();
  return performance.now() - started;
}

/** What the result of a call keeps alive, in bytes. */
function bytesKept(make: () => unknown): number {
  const before = used();
  const kept = make();
  const bytes = used() - before;
  if (kept === undefined) throw new Error('nothing was made');
  return bytes;
}

function used(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function searchTimes(csv: string): SearchSample {
  const list = Instruments.parse(csv);
  const first = timeOf(() => list.search('nifty'));
  const times = queriesOf(list).map((query) => timeOf(() => list.search(query)));
  return { first, median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
