import { type DecodeOptions, FrameWalker } from '@kite/protocol';

/**
 * The bodies of a frame's packets, in the frame's order and without their length prefixes: views over the frame's bytes.
 *
 * Safe on any bytes. The boundaries are those of `decodeFrame`: a truncated frame yields the whole packets before the cut,
 * a heartbeat none. Packets of unknown length are among them, so that a relay can pass them on.
 *
 * A subarray costs more than a field does: where speed matters, a `FrameCursor` reads the same packets without any.
 *
 * @param options `onIssue` is told of truncation and trailing bytes
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for what is no byte array at all, at the first step
 */
export function* packets(
  frame: Uint8Array,
  options?: Pick<DecodeOptions, 'onIssue'>,
): Generator<Uint8Array, void, undefined> {
  const walker = new FrameWalker({ ...options, unknownLengths: true });
  walker.reset(frame);
  while (walker.next()) yield new Uint8Array(frame.buffer, walker.offset, walker.length);
}
