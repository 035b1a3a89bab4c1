/** A frame of ticks that was cut short. */
export interface CutFrame {
  readonly bytes: Uint8Array;
  /** Whole packets. */
  readonly whole: number;
}

/** The packet count in the frame's head. */
export function packetsIn(frame: Uint8Array): number {
  return (frame[0]! << 8) | frame[1]!;
}

/** Cuts a frame of ticks after this part of it, 0 to 1; its head, with the packet count, stays. */
export function cutFrame(frame: Uint8Array, part: number): CutFrame {
  const end = 2 + Math.floor((frame.length - 2) * part);
  let whole = 0;
  for (let at = 2; at + 2 <= end;) {
    at += 2 + ((frame[at]! << 8) | frame[at + 1]!);
    if (at <= end) whole++;
  }
  return { bytes: frame.slice(0, end), whole };
}
