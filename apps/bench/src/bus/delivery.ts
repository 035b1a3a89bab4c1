import { startRemote } from '../harness/child.js';
import { microseconds, type Table } from '../report/figure.js';
import { BenchNats } from './nats-server.js';
import { measureLoad, startPublisher } from './published-load.js';
import type { EverythingQuestion } from './read-everything.js';

const LOAD = { ticksPerSecond: 10_000, warmUpS: 1 };
const READERS = 6;

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
    title: `What delivering costs the server: ${LOAD.ticksPerSecond} full ticks a second, and ${READERS} connections that read all of them`,
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
  const publisher = await startPublisher(server);
  const job = { servers: server.address, readers };
  const everything = await startRemote<EverythingQuestion>('bus-read-everything', job);
  const sample = await measureLoad(server, publisher, { ...LOAD, seconds });
  for (const one of [everything, publisher]) await one.stop();
  return sample.serverMicros;
}
