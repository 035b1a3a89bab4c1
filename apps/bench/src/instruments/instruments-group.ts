import type { Settings } from '../groups.js';
import { type Remote, startRemote } from '../harness/child.js';
import { median } from '../harness/statistics.js';
import { bytes, milliseconds, ratio, type Table } from '../report/figure.js';
import type { ListQuestion, SearchSample } from './measure.js';
import { type ParserName, PARSERS } from './parsers.js';

const NAMES = Object.keys(PARSERS) as ParserName[];

const ROUNDS = 5;

/** What the processes of one parser measured. */
interface ParserSamples {
  /** Share of papaparse's time in the same round. */
  readonly shares: number[];
  readonly times: number[];
  readonly bytes: number[];
}

/** Reading the daily list, beside two general parsers, and searching it. */
export async function instrumentsGroup({ restarts, note }: Settings): Promise<Table[]> {
  const samples = new Map<ParserName, ParserSamples>(
    NAMES.map((name) => [name, { shares: [], times: [], bytes: [] }]),
  );
  const searches: SearchSample[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    note(`instruments, process ${restart + 1}`);
    const remotes = new Map<ParserName, Remote<ListQuestion>>();
    for (const parser of NAMES)
      remotes.set(parser, await startRemote('instruments', { parser }, { flags: ['--expose-gc'] }));
    await measureParsers(remotes, samples);
    searches.push(await remotes.get('@kite/instruments')!.ask('search'));
    for (const remote of remotes.values()) await remote.stop();
  }
  return [parseTable(samples), searchTable(searches)];
}

async function measureParsers(
  remotes: ReadonlyMap<ParserName, Remote<ListQuestion>>,
  samples: ReadonlyMap<ParserName, ParserSamples>,
): Promise<void> {
  const times = new Map<ParserName, number[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, remote] of remotes) times.get(name)!.push(await remote.ask<number>('parse'));
  for (const [name, remote] of remotes) {
    const own = times.get(name)!;
    const sample = samples.get(name)!;
    sample.times.push(median(own));
    sample.shares.push(median(own.map((ms, round) => ms / times.get('papaparse')![round]!)));
    sample.bytes.push(await remote.ask<number>('memory'));
  }
}

function parseTable(samples: ReadonlyMap<ParserName, ParserSamples>): Table {
  return {
    title: 'The daily list of instruments, 109 000 rows: read from one text',
    note: 'A made-up list of the real one’s size and mixture. The others make an object of each row, all texts; ours are columns. Each in a process of its own, by turns.',
    columns: ['of papaparse’s time', 'time', 'memory that it keeps'],
    rows: [...samples].map(([name, { shares, times, bytes: kept }]) => {
      const isOurs = name === '@kite/instruments';
      return {
        name,
        cells: [
          ratio(shares, isOurs ? { floor: 0.6, aim: 0.3, more: false } : undefined),
          milliseconds(times),
          bytes(kept, isOurs ? { floor: 40_000_000, aim: 15_000_000, more: false } : undefined),
        ],
      };
    }),
  };
}

function searchTable(searches: readonly SearchSample[]): Table {
  return {
    title: 'Search in the daily list: 1000 queries, 20 results each',
    note: 'Processor time; p99 should be under 5 ms. Each query counts with its median of five rounds. Median and p99 exclude the first search, which makes the index.',
    columns: ['median', 'p99', 'first search'],
    rows: [
      {
        name: '@kite/instruments',
        cells: [
          milliseconds(searches.map((sample) => sample.median)),
          milliseconds(searches.map((sample) => sample.p99)),
          milliseconds(searches.map((sample) => sample.first)),
        ],
      },
    ],
  };
}
