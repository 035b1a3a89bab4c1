import { setTimeout as sleep } from 'node:timers/promises';
import { Instruments } from '@kite/instruments';

import { median, quantile } from '../harness/statistics.js';
import { madeList } from './made-list.js';
import { type ParserName, PARSERS } from './parsers.js';
import { queriesOf } from './queries.js';

/** The request to a process. */
export type ListQuestion = 'parse' | 'memory' | 'search';

/** CPU time of queries, so that other programs on a busy machine do not count. */
export interface SearchSample {
  /** The first query, which builds the index; in ms. */
  readonly first: number;
  readonly median: number;
  readonly p99: number;
}

const ROUNDS = 5;

/** A process that reads the list in one way only. */
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

function processorTimeOf(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What the result of a call keeps alive, in bytes. */
async function bytesKept(make: () => { readonly rows: number }): Promise<number> {
  const before = await used();
  const kept = make();
  const bytes = (await used()) - before;
  if (kept.rows === 0) throw new Error('nothing was made');
  return bytes;
}

/** Array memory is released some time after its collection. */
async function used(): Promise<number> {
  for (let pass = 0; pass < 4; pass++) {
    globalThis.gc!();
    await sleep(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function searchTimes(csv: string): SearchSample {
  const list = Instruments.parse(csv);
  const first = processorTimeOf(() => list.search('nifty'));
  const queries = queriesOf(list);
  // Each query's median over several rounds: one garbage collection must not distort it.
  const rounds = Array.from({ length: ROUNDS }, () =>
    queries.map((query) => processorTimeOf(() => list.search(query))),
  );
  const times = queries.map((_, index) => median(rounds.map((round) => round[index]!)));
  return { first, median: median(times), p99: quantile(times, 0.99) };
}
