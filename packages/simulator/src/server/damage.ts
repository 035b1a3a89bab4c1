import type { RandomSource } from '../random.js';

/** What a bad wire does to the messages of a connection. */
export interface Damage {
  /** The part of tick frames with flipped bits, 0 to 1. */
  corrupt: number;
  /** The part of tick frames that are cut short, 0 to 1. */
  truncate: number;
  /** Each message comes as this many WebSocket fragments; 1: whole. */
  fragments: number;
  /** Everything comes this many milliseconds late, on top of the account's own delay. */
  delayMs: number;
}

export const NO_DAMAGE: Readonly<Damage> = { corrupt: 0, truncate: 0, fragments: 1, delayMs: 0 };

/** The frame as it arrives: itself, or a damaged copy. */
export function damageFrame(frame: Uint8Array, damage: Damage, random: RandomSource): Uint8Array {
  if (damage.truncate > 0 && random() < damage.truncate)
    frame = frame.slice(0, Math.floor(random() * frame.length));
  if (damage.corrupt > 0 && random() < damage.corrupt) frame = flipBits(frame, random);
  return frame;
}

/** One bit in every 32 bytes or so, at least one. */
function flipBits(frame: Uint8Array, random: RandomSource): Uint8Array {
  const damaged = frame.slice();
  for (let flips = Math.ceil(frame.length / 32); flips > 0 && frame.length > 0; flips--) {
    const at = Math.floor(random() * frame.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  return damaged;
}
