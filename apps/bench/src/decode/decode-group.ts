import { type Shape, SHAPES } from '../frames/frames.js';
import type { Settings } from '../groups.js';
import { percent, ratio, type Table, type Target } from '../report/figure.js';
import { checkOutputs } from './check.js';
import { compareAll, type DecodeSample } from './compare.js';
import { type Reading, READINGS, type Variant, VARIANTS } from './variants.js';

const OURS = Object.keys(VARIANTS).filter((variant) => variant !== 'official') as Variant[];
const SIZES = [1, 10, 100, 500];
const COLUMNS = READINGS.flatMap((reading) => SIZES.map((size) => ({ reading, size })));

/** Only decoding, against the official client's decoder: speed, and the cost of collecting garbage. */
export async function decodeGroup({ restarts, note }: Settings): Promise<Table[]> {
  checkOutputs();
  note('outputs of all variants are equal to the official client’s');
  const tables: Table[] = [];
  for (const shape of SHAPES) {
    const samples = await measured(shape, restarts, note);
    tables.push(speedTable(shape, samples), collectingTable(shape, samples));
  }
  return tables;
}

/** For each variant, what its processes measured. */
type Samples = ReadonlyMap<Variant, readonly DecodeSample[]>;

async function measured(shape: Shape, restarts: number, note: Settings['note']): Promise<Samples> {
  const samples = new Map<Variant, DecodeSample[]>(OURS.map((variant) => [variant, []]));
  for (let restart = 0; restart < restarts; restart++) {
    note(`decode ${shape}, process ${restart + 1}`);
    const compared = await compareAll(shape, OURS, SIZES);
    for (const [variant, list] of compared) samples.get(variant)!.push(...list);
  }
  return samples;
}

function speedTable(shape: Shape, samples: Samples): Table {
  return {
    title: `Decoding, ${shape}: times faster than kiteconnect 5.3.0 (JS)`,
    note: 'Ticks a frame across; light reads token and price, heavy every field. Each variant and the official decoder in processes of their own, by turns; the time that passes, the collector’s pauses included.',
    columns: COLUMNS.map(({ reading, size }) => `${reading} ${size}`),
    rows: [...samples].map(([variant, of]) => ({
      name: variant,
      cells: COLUMNS.map(({ reading, size }) =>
        ratio(
          pick(of, reading, size).map(({ speed }) => speed),
          speedTarget(shape, variant, reading, size),
        ),
      ),
    })),
  };
}

function collectingTable(shape: Shape, samples: Samples): Table {
  return {
    title: `Decoding, ${shape}: the garbage collector's share of the time`,
    columns: READINGS.map((reading) => `${reading} 10`),
    rows: [...samples].map(([variant, of]) => ({
      name: variant,
      cells: READINGS.map((reading) => percent(pick(of, reading, 10).map(({ gcShare }) => gcShare))),
    })),
  };
}

function pick(samples: readonly DecodeSample[], reading: Reading, size: number): DecodeSample[] {
  return samples.filter((sample) => sample.reading === reading && sample.size === size);
}

const FULL_TARGETS: Partial<Record<Variant, Record<number, Target>>> = {
  decodeFrame: {
    1: { floor: 100, aim: 130 },
    10: { floor: 180, aim: 240 },
    100: { floor: 170, aim: 220 },
  },
  FrameDecoder: {
    1: { floor: 170, aim: 230 },
    10: { floor: 200, aim: 270 },
    100: { floor: 170, aim: 215 },
  },
  FrameCursor: { 10: { floor: 2000, aim: 3000 } },
};

function speedTarget(shape: Shape, variant: Variant, reading: Reading, size: number): Target | undefined {
  if (reading === 'heavy') return undefined;
  if (shape === 'full') return FULL_TARGETS[variant]?.[size];
  if (variant !== 'decodeFrame' && variant !== 'FrameDecoder') return undefined;
  return shape === 'ltp' ? { floor: 60, aim: 90 } : { floor: 90, aim: 180 };
}
