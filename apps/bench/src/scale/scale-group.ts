import type { SimulatorOptions } from '@kite/simulator';

import type { Settings } from '../groups.js';
import { inChild, startServer } from '../harness/child.js';
import type { WireServerJob } from '../receive/wire-server.js';
import { count, microseconds, milliseconds, percent, ratio, type Row, type Table } from '../report/figure.js';
import { type FillJob, type FillSample, INSTRUMENTS_PER_ACCOUNT } from './fill.js';
import type { LoadJob, LoadSample } from './load.js';
import type { ServerView } from './server-view.js';

/** More connections, more threads, more accounts; and the cost as each load grows. */
export async function scaleGroup(settings: Settings): Promise<Table[]> {
  return [
    await threadsTable(settings),
    await fillTable(settings),
    await curve(
      settings,
      'consumers: tick channels that all read everything',
      [0, 1, 2, 4, 8, 16, 100],
      (n) => ({ consumer: n }),
      furtherChannels,
    ),
    await curve(settings, 'instruments that the ticks are of', [10, 100, 1000, 3000, 9000], (n) => ({
      instruments: n,
    })),
    await curve(
      settings,
      'full ticks a second, in frames of 10',
      [1000, 3000, 10_000, 30_000, 100_000],
      (n) => ({
        ticksPerSecond: n,
      }),
    ),
  ];
}

/** How a load differs from the usual 30 000 full ticks a second of 3000 instruments over one connection. */
interface Load {
  readonly connections?: number;
  readonly ioThreads?: number;
  readonly consumer?: LoadJob['consumer'];
  readonly instruments?: number;
  readonly ticksPerSecond?: number;
}

const TICKS_PER_FRAME = 10;
const FEWEST_FURTHER_CHANNELS = 15;

async function underLoad(load: Load, { seconds }: Settings): Promise<LoadSample> {
  const { connections = 1, ioThreads = 0, consumer = 1, instruments = 3000, ticksPerSecond = 30_000 } = load;
  const server = await startServer('wire-server', {
    tls: false,
    instruments,
    ticksPerFrame: TICKS_PER_FRAME,
    framesPerSecond: ticksPerSecond / TICKS_PER_FRAME / connections,
  } satisfies WireServerJob);
  const job: LoadJob = { url: server.url, connections, ioThreads, consumer, seconds };
  const sample = await inChild<LoadSample>('load', job);
  await server.stop();
  return sample;
}

const THREADS: readonly (readonly [connections: number, ioThreads: number])[] = [
  [1, 0],
  [1, 1],
  [2, 0],
  [2, 1],
  [3, 0],
  [3, 1],
  [3, 3],
];
const CONSUMERS = ['frame', 'ticks'] as const;

async function threadsTable(settings: Settings): Promise<Table> {
  const samples = new Map<string, LoadSample[]>();
  for (let restart = 0; restart < settings.restarts; restart++) {
    for (const [connections, ioThreads] of THREADS) {
      for (const consumer of CONSUMERS) {
        const key = `${connections} ${ioThreads} ${consumer}`;
        settings.note(`scale, process ${restart + 1}: connections, I/O threads, consumer: ${key}`);
        const sample = await underLoad({ connections, ioThreads, consumer }, settings);
        samples.set(key, [...(samples.get(key) ?? []), sample]);
      }
    }
  }
  return {
    title: 'Connections and I/O threads: shares of a core at 30 000 full ticks a second in all',
    note: 'Against the same connections without threads, main thread alone. The server is in another process.',
    columns: CONSUMERS.flatMap((consumer) => [
      `main, on ${consumer}`,
      'threads / inline',
      `process, on ${consumer}`,
    ]),
    rows: THREADS.map(([connections, ioThreads]): Row => {
      const cells = CONSUMERS.flatMap((consumer) => {
        const of = samples.get(`${connections} ${ioThreads} ${consumer}`)!;
        const inline = samples.get(`${connections} 0 ${consumer}`)!;
        return [
          percent(of.map(({ main }) => main)),
          ioThreads === 0
            ? ''
            : ratio(
                of.map(({ main }, index) => main / inline[index]!.main),
                { floor: 1, aim: 0.5, more: false },
              ),
          percent(of.map((sample) => sample.process)),
        ];
      });
      return {
        name: `${connections} connections, ${ioThreads === 0 ? 'inline' : `${ioThreads} I/O`}`,
        cells,
      };
    }),
  };
}

const FILLS: readonly (readonly [accounts: number, ioThreads: number])[] = [
  [1, 0],
  [1, 1],
  [5, 0],
];

async function fillTable(settings: Settings): Promise<Table> {
  const rows: Row[] = [];
  for (const [accounts, ioThreads] of FILLS) {
    const samples: FillSample[] = [];
    const views: { filled: ServerView; refilled: ServerView }[] = [];
    for (let restart = 0; restart < settings.restarts; restart++) {
      settings.note(`scale, process ${restart + 1}: ${accounts} accounts from nothing`);
      const server = await startServer('simulator', {
        ticksPerSecond: 0,
        instruments: 0,
      } satisfies SimulatorOptions);
      let filled: ServerView | undefined;
      const job: FillJob = { url: server.url, accounts, ioThreads };
      const onQuestion = async (question: string): Promise<void> => {
        filled = await server.ask<ServerView>('view');
        await server.ask(question);
      };
      samples.push(await inChild<FillSample>('fill', job, { onQuestion }));
      views.push({ filled: filled!, refilled: await server.ask<ServerView>('view') });
      await server.stop();
    }
    const symbols = accounts * INSTRUMENTS_PER_ACCOUNT;
    rows.push({
      name: `${symbols} on ${accounts * 3} connections, ${ioThreads === 0 ? 'inline' : `${ioThreads} I/O`}`,
      cells: [
        milliseconds(samples.map(({ startMs }) => startMs)),
        milliseconds(samples.map(({ fillMs }) => fillMs)),
        count(
          views.map(({ filled }) => filled.requests),
          { floor: accounts * 6, more: false },
        ),
        milliseconds(samples.map(({ refillMs }) => refillMs)),
        count(
          views.map(({ filled, refilled }) => refilled.requests - filled.requests),
          {
            floor: accounts * 6,
            more: false,
          },
        ),
      ],
    });
  }
  return {
    title: 'From nothing, and after every connection was dropped, until each instrument has had its tick',
    note: 'Against the simulator. A subscribe and a mode request for each connection is the fewest that can be; the delay before a reconnect is set to 50 ms.',
    columns: ['connect', 'all ticks', 'requests', 'all ticks after a drop', 'requests'],
    rows,
  };
}

async function curve(
  settings: Settings,
  what: string,
  points: readonly number[],
  load: (n: number) => Load,
  further: (points: readonly number[], samples: readonly (readonly LoadSample[])[]) => Row[] = () => [],
): Promise<Table> {
  const samples = points.map(() => [] as LoadSample[]);
  for (let restart = 0; restart < settings.restarts; restart++) {
    for (const [index, n] of points.entries()) {
      settings.note(`scale, process ${restart + 1}: ${n} ${what}`);
      samples[index]!.push(await underLoad(load(n), settings));
    }
  }
  const last = samples.at(-1)!;
  return {
    title: `Cost by ${what}`,
    note: 'Inline; one connection, 30 000 full ticks a second of 3000 instruments, one tick channel where not said otherwise.',
    columns: points.map((n) => n.toLocaleString('en').replaceAll(',', ' ')),
    rows: [
      { name: 'share of a core', cells: samples.map((of) => percent(of.map((sample) => sample.process))) },
      {
        name: 'of the last point',
        cells: samples.map((of) => ratio(of.map((sample, index) => sample.process / last[index]!.process))),
      },
      {
        name: 'ticks a second',
        cells: samples.map((of) => count(of.map((sample) => sample.ticksPerSecond))),
      },
      ...further(points, samples),
    ],
  };
}

/** What each channel after the first adds to the processor time of a tick, process by process. */
function furtherChannels(points: readonly number[], samples: readonly (readonly LoadSample[])[]): Row[] {
  const micros = (sample: LoadSample): number => (sample.process / sample.ticksPerSecond) * 1e6;
  const one = samples[points.indexOf(1)]!;
  return [
    {
      name: 'a tick, for each further channel',
      cells: samples.map((of, index) => {
        const further = points[index]! - 1;
        // Of a few channels, the difference is smaller than the noise of a shared machine.
        if (further < FEWEST_FURTHER_CHANNELS) return '';
        const values = of.map((sample, nth) => (micros(sample) - micros(one[nth]!)) / further);
        return microseconds(values, { floor: 0.15, aim: 0.05, more: false });
      }),
    },
  ];
}
