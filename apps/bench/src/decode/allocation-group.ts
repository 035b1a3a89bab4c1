import type { Shape } from '../frames/frames.js';
import type { Settings } from '../groups.js';
import { bytes, nanoseconds, type Table, type Target } from '../report/figure.js';
import { startVariant } from './compare.js';
import { type Reading, type Variant, VARIANTS } from './variants.js';

/** V8 decides in each process what it inlines. A few processes would not show how often the decision differs. */
const PROCESSES = 20;

/** One kind of frame, read in one way. */
interface Column {
  readonly name: string;
  readonly shape: Shape;
  readonly reading: Reading;
  readonly size: number;
}

const COLUMNS: readonly Column[] = [
  { name: 'light 1', shape: 'full', reading: 'light', size: 1 },
  { name: 'light 10', shape: 'full', reading: 'light', size: 10 },
  { name: 'light 100', shape: 'full', reading: 'light', size: 100 },
  { name: 'heavy 10', shape: 'full', reading: 'heavy', size: 10 },
  { name: 'quote, heavy 10', shape: 'quote', reading: 'heavy', size: 10 },
  { name: 'ltp, heavy 10', shape: 'ltp', reading: 'heavy', size: 10 },
];

/** The variants that make no object: their time also shows what V8 inlined in a process. */
const CURSORS: readonly Variant[] = ['FrameCursor', 'FrameCursor, loaded'];

/** What one process measures. */
interface Sample {
  readonly bytes: number;
  readonly ns: number;
}

/** Heap bytes a tick, each figure from 20 processes that measure nothing else; for the cursors also the time. */
export async function allocationGroup({ note }: Settings): Promise<Table[]> {
  const variants = Object.keys(VARIANTS) as Variant[];
  const measured = new Map(variants.map((variant) => [variant, COLUMNS.map((): Sample[] => [])]));
  for (let process = 1; process <= PROCESSES; process++) {
    for (const [variant, columns] of measured) {
      note(`allocation, process ${process} of ${PROCESSES}: ${variant}`);
      for (const [index, column] of COLUMNS.entries()) {
        columns[index]!.push(await inOneProcess(variant, column));
      }
    }
  }
  return [
    {
      title: 'Heap bytes a tick',
      note: `Full ticks unless it says otherwise; ticks a frame across. Light reads token and price, heavy every field. Each figure from ${PROCESSES} processes: V8 decides in each what it inlines, and boxes the fraction that a call returns.`,
      columns: COLUMNS.map(({ name }) => name),
      rows: [...measured].map(([variant, columns]) => ({
        name: variant,
        cells: columns.map((samples, index) =>
          bytes(
            samples.map((sample) => sample.bytes),
            target(variant, COLUMNS[index]!),
          ),
        ),
      })),
    },
    {
      title: 'The same processes: nanoseconds of the processor for a tick',
      columns: COLUMNS.map(({ name }) => name),
      rows: CURSORS.map((variant) => ({
        name: variant,
        cells: measured.get(variant)!.map((samples) => nanoseconds(samples.map(({ ns }) => ns))),
      })),
    },
  ];
}

async function inOneProcess(variant: Variant, { shape, reading, size }: Column): Promise<Sample> {
  const remote = await startVariant(shape, variant);
  await remote.ask({ what: 'prepare', size, reading });
  const heapBytes = await remote.ask<number>({ what: 'bytes' });
  const ns = CURSORS.includes(variant) ? await remote.ask<number>({ what: 'processor' }) : NaN;
  await remote.stop();
  return { bytes: heapBytes, ns };
}

function target(variant: Variant, { shape, reading }: Column): Target | undefined {
  if (shape !== 'full') return undefined;
  switch (variant) {
    case 'decodeFrame':
    case 'FrameDecoder':
      return { floor: 1300, aim: 1000, more: false };
    case 'decodeLazy':
    case 'LazyDecoder':
      return reading === 'light' ? { aim: 300, more: false } : undefined;
    case 'LazyDecoder, by level':
      return { aim: 300, more: false };
    case 'FrameCursor':
    case 'FrameCursor, loaded':
    case 'TickColumns':
      return { floor: 0, more: false };
    default:
      return undefined;
  }
}
