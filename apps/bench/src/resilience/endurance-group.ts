import { inChild, startServer } from '../harness/child.js';
import { median } from '../harness/statistics.js';
import type { WireServerJob } from '../receive/wire-server.js';
import { count, type Row, type Table, type Target } from '../report/figure.js';
import type { EnduranceJob, EnduranceSample } from './endure.js';

const FEED: WireServerJob = { framesPerSecond: 3000, ticksPerFrame: 10, tls: false, instruments: 3000 };
const CAPACITY = 1000;
const MEGABYTE = 1e6;

/** Memory over a long time at 30 000 full ticks a second. Not one of the groups, because it takes too long. */
export async function endurance(minutes: number): Promise<Table> {
  // Side by side: memory does not depend on speed.
  const rows = await Promise.all([0, 1].map((ioThreads) => row(ioThreads, minutes)));
  return {
    title: `${minutes} minutes at 30 000 full ticks a second, with a quick consumer and one that takes 20 ms for each item`,
    note: 'Memory after a full collection: the heap with the buffers beside it, and the whole process.',
    columns: [
      'used MB, first half',
      'used MB, second half',
      'process MB, first half',
      'process MB, second half',
      'ticks',
      'disconnects',
      'most items waiting',
    ],
    rows,
  };
}

async function row(ioThreads: number, minutes: number): Promise<Row> {
  const server = await startServer('wire-server', FEED);
  const job: EnduranceJob = { url: server.url, ioThreads, minutes, capacity: CAPACITY };
  const sample = await inChild<EnduranceSample>('endure', job, { flags: ['--expose-gc'] });
  await server.stop();
  const used = sample.memory.map(({ usedBytes }) => usedBytes / MEGABYTE);
  const resident = sample.memory.map(({ residentBytes }) => residentBytes / MEGABYTE);
  const half = used.length / 2;
  return {
    name: ioThreads === 0 ? 'inline' : 'I/O thread',
    cells: [
      count(used.slice(0, half)),
      count(used.slice(half), aTenthMoreThan(used.slice(0, half))),
      count(resident.slice(0, half)),
      count(resident.slice(half), aTenthMoreThan(resident.slice(0, half))),
      count([sample.ticksReceived]),
      count([sample.disconnects], { floor: 0, more: false }),
      count([sample.mostWaiting], { floor: CAPACITY, more: false }),
    ],
  };
}

/** Flat memory, apart from the collector's own variation. */
function aTenthMoreThan(values: readonly number[]): Target {
  return { floor: Math.ceil(median(values) * 1.1), more: false };
}
