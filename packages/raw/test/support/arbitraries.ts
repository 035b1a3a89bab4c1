import fc from 'fast-check';
import { decodeFrame, encodeFrame, type FrameIssue, PACKETS, type Tick } from '@kite/protocol';

const LENGTHS = Object.values(PACKETS).map(({ length }) => length as number);

/** Bytes in which the wire's extremes (0, −1, the smallest and largest i32, 2³¹ and beyond) are as likely as the rest. */
const word = fc.oneof(
  fc.nat(0xffff_ffff),
  fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0000_ffff),
);

/** A body of one of the five documented lengths, of any token, segment and values. */
export const packetBody = fc
  .tuple(fc.constantFrom(...LENGTHS), fc.array(word, { minLength: 46, maxLength: 46 }))
  .map(([length, words]) => {
    const bytes = new Uint8Array(46 * 4);
    const view = new DataView(bytes.buffer);
    words.forEach((value, index) => {
      view.setUint32(index * 4, value);
    });
    return bytes.slice(0, length);
  });

/** A body of any other length. */
export const alienBody = fc.uint8Array({ maxLength: 200 }).filter(({ length }) => !LENGTHS.includes(length));

/** A frame as documented, but for packets of unknown length among the others. */
const wellFormed = fc
  .array(fc.oneof({ weight: 5, arbitrary: packetBody }, { weight: 1, arbitrary: alienBody }), {
    maxLength: 8,
  })
  .map((bodies) => encodeFrame(bodies));

/** A frame that says more or less than it holds, or any bytes whatsoever. */
export const anyFrame = fc.oneof(
  wellFormed,
  fc.tuple(wellFormed, fc.nat()).map(([frame, cut]) => frame.subarray(0, cut % (frame.length + 1))),
  fc
    .tuple(wellFormed, fc.uint8Array({ maxLength: 9 }))
    .map(([frame, rest]) => Uint8Array.of(...frame, ...rest)),
  fc.uint8Array({ maxLength: 400 }),
);

export const anyOffset = fc.nat(33);

/** What `decodeFrame` says of a frame. */
export function decoded(frame: Uint8Array): { ticks: Tick[]; issues: FrameIssue[] } {
  const issues: FrameIssue[] = [];
  const ticks = decodeFrame(frame, { onIssue: (issue) => issues.push(issue) });
  return { ticks, issues };
}
