import type { Mode } from '@kite/protocol';

/** Instruments and their modes, in a form that is cheap to send to another thread. */
export interface PackedModes {
  tokens: Uint32Array;
  /** Indices into {@link MODES}. */
  modes: Uint8Array;
}

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

export function packModes(modes: ReadonlyMap<number, Mode>): PackedModes {
  return {
    tokens: Uint32Array.from(modes.keys()),
    modes: Uint8Array.from(modes.values(), (mode) => MODES.indexOf(mode)),
  };
}

export function unpackModes({ tokens, modes }: PackedModes): Map<number, Mode> {
  const unpacked = new Map<number, Mode>();
  for (const [index, token] of tokens.entries()) unpacked.set(token, MODES[modes[index]!]!);
  return unpacked;
}
