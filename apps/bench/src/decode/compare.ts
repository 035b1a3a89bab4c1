import type { Shape } from '../frames/frames.js';
import { startRemote, type Remote } from '../harness/child.js';
import { median } from '../harness/statistics.js';
import type { DecodeQuestion, Garbage } from './measure.js';
import { READINGS, type Reading, type Variant } from './variants.js';

/** What a variant's process and the official decoder's, by turns, gave for one size of frame and one reading. */
export interface DecodeSample {
  readonly size: number;
  readonly reading: Reading;
  /** How many times faster than the official decoder: the median over rounds. */
  readonly speed: number;
  readonly nsPerTick: number;
  readonly bytesPerTick: number;
  readonly officialNsPerTick: number;
  readonly officialBytesPerTick: number;
  /** The garbage collector's share of the time. */
  readonly gcShare: number;
}

const ROUNDS = 7;

/** Fresh processes, one for each variant and one for the official decoder: each has its own optimiser, heap and garbage. */
export async function compareAll(
  shape: Shape,
  variants: readonly Variant[],
  sizes: readonly number[],
  note: (variant: Variant) => void,
): Promise<ReadonlyMap<Variant, readonly DecodeSample[]>> {
  const samples = new Map<Variant, readonly DecodeSample[]>();
  const official = await startVariant(shape, 'official');
  for (const variant of variants) {
    note(variant);
    const ours = await startVariant(shape, variant);
    samples.set(variant, await compare(ours, official, sizes));
    await ours.stop();
  }
  await official.stop();
  return samples;
}

type Decoding = Remote<DecodeQuestion>;

function startVariant(shape: Shape, variant: Variant): Promise<Decoding> {
  return startRemote('decode-variant', { shape, variant }, { flags: ['--expose-gc'] });
}

async function compare(
  ours: Decoding,
  official: Decoding,
  sizes: readonly number[],
): Promise<DecodeSample[]> {
  const samples: DecodeSample[] = [];
  for (const size of sizes) {
    for (const reading of READINGS) {
      for (const one of [official, ours]) await one.ask({ what: 'prepare', size, reading });
      const rounds: { ours: number; official: number }[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        // One after the other, a few milliseconds each: whatever else the machine does falls on both.
        const theirs = await official.ask<number>({ what: 'time' });
        rounds.push({ official: theirs, ours: await ours.ask<number>({ what: 'time' }) });
      }
      const { bytesPerTick, gcShare } = await ours.ask<Garbage>({ what: 'garbage' });
      const theirs = await official.ask<Garbage>({ what: 'garbage' });
      samples.push({
        size,
        reading,
        speed: median(rounds.map((round) => round.official / round.ours)),
        nsPerTick: median(rounds.map((round) => round.ours)),
        bytesPerTick,
        officialNsPerTick: median(rounds.map((round) => round.official)),
        officialBytesPerTick: theirs.bytesPerTick,
        gcShare,
      });
    }
  }
  return samples;
}
