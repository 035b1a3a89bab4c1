import type { Shape } from '../frames/frames.js';
import { type Remote, startRemote } from '../harness/child.js';
import { median } from '../harness/statistics.js';
import type { DecodeQuestion } from './measure.js';
import { type Reading, READINGS, type Variant } from './variants.js';

/** Results of a variant's process and the official decoder's, in turn, for one frame size and one reading. */
export interface DecodeSample {
  readonly size: number;
  readonly reading: Reading;
  /** How many times faster than the official decoder: the median over rounds. */
  readonly speed: number;
  readonly nsPerTick: number;
  readonly officialNsPerTick: number;
  /** The garbage collector's share of the time. */
  readonly gcShare: number;
}

const ROUNDS = 5;

/**
 * Fresh processes, one for each variant and one for the official decoder: each has its own optimiser, heap and garbage.
 * They take turns, so that other load on the machine affects all alike.
 */
export async function compareAll(
  shape: Shape,
  variants: readonly Variant[],
  sizes: readonly number[],
): Promise<ReadonlyMap<Variant, readonly DecodeSample[]>> {
  const official = await startVariant(shape, 'official');
  const ours = new Map<Variant, Remote<DecodeQuestion>>();
  for (const variant of variants) ours.set(variant, await startVariant(shape, variant));
  const samples = new Map<Variant, DecodeSample[]>(variants.map((variant) => [variant, []]));
  for (const size of sizes) {
    for (const reading of READINGS) {
      const all = [official, ...ours.values()];
      for (const one of all) await one.ask({ what: 'prepare', size, reading });
      const times = new Map<Remote<DecodeQuestion>, number[]>(all.map((one) => [one, []]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const one of all) times.get(one)!.push(await one.ask<number>({ what: 'time' }));
      }
      const theirs = times.get(official)!;
      for (const [variant, one] of ours) {
        const rounds = times.get(one)!;
        samples.get(variant)!.push({
          size,
          reading,
          speed: median(rounds.map((ns, round) => theirs[round]! / ns)),
          nsPerTick: median(rounds),
          officialNsPerTick: median(theirs),
          gcShare: await one.ask<number>({ what: 'collecting' }),
        });
      }
    }
  }
  for (const one of [official, ...ours.values()]) await one.stop();
  return samples;
}

/** A process that decodes in one way only. */
export function startVariant(shape: Shape, variant: Variant): Promise<Remote<DecodeQuestion>> {
  return startRemote('decode-variant', { shape, variant }, { flags: ['--expose-gc'] });
}
