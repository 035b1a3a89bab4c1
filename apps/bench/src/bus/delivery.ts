import { startRemote } from '../harness/child.js';
import { microseconds, type Table } from '../report/figure.js';
import { BenchNats } from './nats-server.js';
import type { PublisherQuestion, PublisherSample } from './publisher.js';
import type { EverythingQuestion } from './read-everything.js';

const INSTRUMENTS = 9000;
const TICKS_PER_SECOND = 10_000;
const READERS = 6;
const WARM_UP_S = 1;

/** What the server needs for each published tick, in µs of CPU: without a reader, and with six that read everything. */
export interface DeliverySample {
  readonly alone: number;
  readonly read: number;
}

/** One after the other on fresh servers; undefined outside Linux. */
export async function measureDelivery(seconds: number): Promise<DeliverySample | undefined> {
  const alone = await serverMicros(0, seconds);
  const read = await serverMicros(READERS, seconds);
  return alone === undefined || read === undefined ? undefined : { alone, read };
}

export function deliveryTable(samples: readonly DeliverySample[]): Table {
  return {
    title: `What delivering costs the server: ${TICKS_PER_SECOND} full ticks a second, and ${READERS} connections that read all of them`,
    columns: ['without a reader', `with ${READERS}`, 'each delivery'],
    rows: [
      {
        name: 'server CPU',
        cells: [
          microseconds(samples.map(({ alone }) => alone)),
          microseconds(samples.map(({ read }) => read)),
          microseconds(samples.map(({ alone, read }) => (read - alone) / READERS)),
        ],
      },
    ],
  };
}

async function serverMicros(readers: number, seconds: number): Promise<number | undefined> {
  await using server = (await BenchNats.start())!;
  const servers = server.address;
  const job = { servers, instruments: INSTRUMENTS };
  const publisher = await startRemote<PublisherQuestion>('bus-publisher', job);
  const everything = await startRemote<EverythingQuestion>('bus-read-everything', { servers, readers });
  const run = (of: number): Promise<PublisherSample> =>
    publisher.ask({ run: { ticksPerSecond: TICKS_PER_SECOND, seconds: of } });
  await run(WARM_UP_S);
  const before = server.cpuMs;
  const { perSecond } = await run(seconds);
  const after = server.cpuMs;
  for (const one of [everything, publisher]) await one.stop();
  return before === undefined ? undefined : ((after! - before) * 1000) / (perSecond * seconds);
}
