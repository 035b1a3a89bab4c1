import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { compareAll, type DecodeSample } from '../decode/compare.js';
import { type Reading, READINGS, type Variant } from '../decode/variants.js';
import { makeFrames } from '../frames/frames.js';
import type { Settings } from '../groups.js';
import { geometricMean } from '../harness/statistics.js';
import { type Cell, ratio, type Row, type Table, type Target } from '../report/figure.js';
import { buildAll, CRATE, GO, PYTHON, reasons } from './clients.js';

const run = promisify(execFile);

const SIZES = [1, 10, 100];
const TICKS = 500;
const COLUMNS = READINGS.flatMap((reading) => SIZES.map((size) => ({ reading, size })));
const OURS: readonly Variant[] = [
  'decodeFrame',
  'FrameDecoder',
  'decodeLazy',
  'LazyDecoder',
  'LazyDecoder, by level',
  'FrameCursor',
  'TickColumns',
];

/** Nanoseconds a tick, by what was measured: 'frame light', 'raw heavy' and so on. */
type NativeSample = Readonly<Record<string, number>>;

/** Nanoseconds a tick by reading and size of frame, in one process. */
type Timing = (reading: Reading, size: number) => number;

/** Our forms beside decoders of other languages, on the same frames. */
export async function nativeGroup({ restarts, note }: Settings): Promise<Table[]> {
  const frames = frameFiles();
  const { commands, missing } = await buildAll([CRATE, GO, PYTHON], (text) => note(`native: ${text}`));
  const rows = new Map<string, Timing[]>();
  const add = (name: string, timing: Timing): void => {
    rows.set(name, [...(rows.get(name) ?? []), timing]);
  };
  for (let restart = 0; restart < restarts; restart++) {
    for (const [client, commandOf] of commands) {
      note(`native, process ${restart + 1}: ${client.name}`);
      const bySize = new Map<number, NativeSample>();
      for (const size of SIZES) bySize.set(size, await measure(commandOf('timing'), frames.file(size)));
      add(client.name, (reading, size) => bySize.get(size)![`frame ${reading}`]!);
      if (client !== CRATE) continue;
      add('the crate, one packet by itself', (reading, size) => bySize.get(size)![`packet ${reading}`]!);
      add('the crate, raw views', (reading, size) => bySize.get(size)![`raw ${reading}`]!);
    }
    note(`native, process ${restart + 1}: ours`);
    const compared = await compareAll('full', OURS, SIZES);
    for (const [variant, samples] of compared) {
      add(variant, (reading, size) => sampleOf(samples, reading, size).nsPerTick);
      if (variant === 'FrameDecoder') {
        add('kiteconnect 5.3.0 (JS)', (reading, size) => sampleOf(samples, reading, size).officialNsPerTick);
      }
    }
  }
  frames.remove();
  return [table(rows, missing)];
}

function frameFiles(): { file: (size: number) => string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'kite-bench-'));
  const file = (size: number): string => path.join(directory, `${size}.frames`);
  for (const size of SIZES) {
    const parts = makeFrames('full', size, TICKS).slices.flatMap((frame) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      return [length, frame];
    });
    writeFileSync(file(size), Buffer.concat(parts));
  }
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}

async function measure([program, ...args]: readonly string[], framesFile: string): Promise<NativeSample> {
  const { stdout } = await run(program!, [...args, framesFile]);
  return JSON.parse(stdout) as NativeSample;
}

function sampleOf(samples: readonly DecodeSample[], reading: Reading, size: number): DecodeSample {
  return samples.find((sample) => sample.reading === reading && sample.size === size)!;
}

function table(rows: ReadonlyMap<string, readonly Timing[]>, missing: ReadonlyMap<string, string>): Table {
  const crate = rows.get(CRATE.name);
  const names = [
    ...[CRATE.name, 'the crate, one packet by itself', 'the crate, raw views', GO.name, PYTHON.name],
    ...['kiteconnect 5.3.0 (JS)', ...OURS],
  ];
  return {
    title:
      'Decoding, full: times faster than the Rust crate kiteticker-async-manager from a frame to a Vec of ticks',
    note: `Ticks a frame across. Native code in processes of its own, on the same frames.${reasons(missing)}`,
    columns: [...COLUMNS.map(({ reading, size }) => `${reading} ${size}`), 'geometric mean'],
    rows: names.map((name): Row => {
      const timings = rows.get(name);
      if (!timings || !crate) return { name, cells: [...COLUMNS.map(() => null), null] };
      const relative = COLUMNS.map(({ reading, size }) =>
        timings.map((timing, index) => crate[index]!(reading, size) / timing(reading, size)),
      );
      const means = timings.map((_, index) => geometricMean(relative.map((values) => values[index]!)));
      const cells: Cell[] = COLUMNS.map(({ reading }, column) =>
        ratio(relative[column]!, target(name, reading)),
      );
      return {
        name,
        cells: [...cells, ratio(means, name === 'FrameDecoder' ? { floor: 0.9, aim: 1.2 } : undefined)],
      };
    }),
  };
}

function target(name: string, reading: Reading): Target | undefined {
  switch (name) {
    case 'decodeLazy':
      return { floor: 1.1, aim: 1.3 };
    case 'FrameCursor':
      return reading === 'light' ? { floor: 8, aim: 12 } : { floor: 1.3, aim: 2 };
    case 'TickColumns':
      return { floor: 1.5, aim: 2 };
    default:
      return undefined;
  }
}
