const LENGTHS = [8, 28, 32, 44, 184] as const;
const SEGMENTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12] as const;
/** Values of a field that are not random: the limits of the wire, and special values. */
const EDGES = [0, 1, 100, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_f18c] as const;

/** Endless valid frames of 1 to 3 packets of any values, the same for the same seed. */
export function* randomFrames(seed: number): Generator<ArrayBuffer, never> {
  // From 0, xorshift never leaves 0.
  let state = seed >>> 0 || 0x9e37_79b9;
  const next = (below: number): number => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const word = () => (next(8) === 0 ? EDGES[next(EDGES.length)]! : next(0x1_0000_0000));
  for (;;) {
    const lengths = Array.from(
      { length: 1 + (next(8) === 0 ? next(3) : 0) },
      () => LENGTHS[next(LENGTHS.length)]!,
    );
    const frame = new ArrayBuffer(lengths.reduce<number>((sum, length) => sum + 2 + length, 2));
    const view = new DataView(frame);
    view.setUint16(0, lengths.length);
    let at = 2;
    for (const length of lengths) {
      view.setUint16(at, length);
      at += 2;
      for (let offset = 0; offset < length; offset += 4) view.setUint32(at + offset, word());
      view.setUint8(at + 3, SEGMENTS[next(SEGMENTS.length)]!);
      // A price equal to its close, which chance would never produce.
      if (length > 8 && next(16) === 0) view.setUint32(at + 4, view.getUint32(at + (length < 44 ? 20 : 40)));
      at += length;
    }
    yield frame;
  }
}
