import type { Settings } from '../groups.js';
import { type Remote, startRemote } from '../harness/child.js';
import { type Cell, count, megabytes, microseconds, milliseconds, type Table } from '../report/figure.js';
import { type DeliverySample, deliveryTable, measureDelivery } from './delivery.js';
import { BenchNats } from './nats-server.js';
import { INSTRUMENTS, type LoadSample, measureLoad, startPublisher } from './published-load.js';
import type { ReaderOpened, ReaderQuestion, ReaderSample } from './reader.js';

const LOAD = { ticksPerSecond: 60_000, warmUpS: 2 };
/** How many instruments each program reads, of all. */
const PROGRAMS: Readonly<Record<string, readonly number[]>> = {
  'no program': [],
  'one program, half of the instruments': [INSTRUMENTS / 2],
  'two programs, a quarter each': [INSTRUMENTS / 4, INSTRUMENTS / 4],
};
/** The target of the whole client side, in µs of CPU for each tick. */
const CLIENT = { floor: 4, more: false };

interface Run extends LoadSample {
  readonly received: readonly ReaderSample[];
  readonly serverPeakMb: number | undefined;
}

interface Reading {
  readonly opened: ReaderOpened;
  readonly replayed: ReaderSample;
  readonly serverPeakMb: number | undefined;
}

/** What it costs to publish a feed on NATS, and to read it. */
export async function busGroup({ restarts, seconds, note }: Settings): Promise<Table[]> {
  const server = await BenchNats.start();
  if (!server)
    return [{ title: 'The feed on NATS: not measured, there is no nats-server', columns: [], rows: [] }];
  await server[Symbol.asyncDispose]();
  const runs = new Map<string, Run[]>();
  const readings: Reading[] = [];
  const deliveries: DeliverySample[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    for (const [name, counts] of Object.entries(PROGRAMS)) {
      note(`bus, ${name}, process ${restart + 1}`);
      runs.set(name, [...(runs.get(name) ?? []), await measureLive(counts, Math.max(3, seconds))]);
    }
    note(`bus, last values and replay, process ${restart + 1}`);
    readings.push(await measureReading());
    note(`bus, delivering, process ${restart + 1}`);
    const delivery = await measureDelivery(Math.max(3, seconds));
    if (delivery) deliveries.push(delivery);
  }
  return [liveTable(runs), deliveryTable(deliveries), readingTable(readings)];
}

function liveTable(runs: ReadonlyMap<string, readonly Run[]>): Table {
  return {
    title: `A feed of ${INSTRUMENTS} instruments on NATS: ${LOAD.ticksPerSecond} full ticks a second published`,
    note: 'Publisher, programs and server share this machine. CPU of each process, for each tick it handled; of the server, for each published tick. Its memory: the most that was resident.',
    columns: [
      'published/s',
      'left out',
      'publisher CPU',
      'received/s, each',
      'gaps',
      'program CPU',
      'server CPU',
      'server memory',
    ],
    rows: [...runs].map(([name, of]) => {
      const received = of.flatMap((run) => run.received);
      return {
        name,
        cells: [
          count(of.map(({ published }) => published.perSecond)),
          count(of.map(({ published }) => published.dropped)),
          microseconds(
            of.map(({ published }) => published.cpuMicros),
            CLIENT,
          ),
          received.length > 0 ? count(received.map(({ perSecond }) => perSecond)) : null,
          received.length > 0 ? count(received.map(({ gaps }) => gaps)) : null,
          received.length > 0
            ? microseconds(
                received.map(({ cpuMicros }) => cpuMicros),
                CLIENT,
              )
            : null,
          onLinux(
            of.map(({ serverMicros }) => serverMicros),
            microseconds,
          ),
          onLinux(
            of.map(({ serverPeakMb }) => serverPeakMb),
            megabytes,
          ),
        ],
      };
    }),
  };
}

/** What only Linux tells of the server. */
function onLinux(values: readonly (number | undefined)[], figure: (values: readonly number[]) => Cell): Cell {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : figure(known);
}

function readingTable(readings: readonly Reading[]): Table {
  return {
    title: `Beginning in the past: ${INSTRUMENTS} last values, and the stored ticks of ${INSTRUMENTS} instruments`,
    columns: ['last values read in', 'last values', 'replayed ticks/s', 'program CPU', 'server memory'],
    rows: [
      {
        name: 'openBusFeed',
        cells: [
          milliseconds(readings.map(({ opened }) => opened.lastMs)),
          count(readings.map(({ opened }) => opened.last)),
          count(readings.map(({ replayed }) => replayed.perSecond)),
          microseconds(readings.map(({ replayed }) => replayed.cpuMicros)),
          onLinux(
            readings.map(({ serverPeakMb }) => serverPeakMb),
            megabytes,
          ),
        ],
      },
    ],
  };
}

async function measureLive(counts: readonly number[], seconds: number): Promise<Run> {
  await using server = (await BenchNats.start())!;
  const servers = server.address;
  const publisher = await startPublisher(server);
  const readers: Remote<ReaderQuestion>[] = [];
  for (const [index, count] of counts.entries())
    readers.push(
      await startRemote('bus-reader', { servers, name: `reader-${index}`, from: index * count, count }),
    );
  const received: ReaderSample[] = [];
  const sample = await measureLoad(
    server,
    publisher,
    { ...LOAD, seconds },
    {
      begin: () => Promise.all(readers.map((reader) => reader.ask({ begin: true }))),
      end: async () =>
        received.push(
          ...(await Promise.all(readers.map((reader) => reader.ask<ReaderSample>({ end: true })))),
        ),
    },
  );
  const serverPeakMb = server.peakMb;
  for (const one of [...readers, publisher]) await one.stop();
  return { ...sample, received, serverPeakMb };
}

async function measureReading(): Promise<Reading> {
  const REPLAYED = 150_000;
  await using server = (await BenchNats.start())!;
  const publisher = await startPublisher(server);
  await publisher.ask({ run: { ticksPerSecond: 40_000, seconds: 5 } });
  await publisher.ask({ every: true });
  const job = { servers: server.address, name: 'late', from: 0, count: INSTRUMENTS };
  const reader = await startRemote<ReaderQuestion>('bus-reader', job);
  const opened = await reader.ask<ReaderOpened>({ begin: true });
  const replayed = await reader.ask<ReaderSample>({ replay: REPLAYED });
  const serverPeakMb = server.peakMb;
  for (const one of [reader, publisher]) await one.stop();
  return { opened, replayed, serverPeakMb };
}
