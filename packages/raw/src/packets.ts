import { type DecodeOptions, FrameWalker } from '@kite/protocol';

/**
 * The bodies of a frame's packets, in the frame's order and without their length prefixes: views over the frame's bytes.
 *
 * Safe on any bytes. The boundaries are those of `decodeFrame`: a truncated frame yields the whole packets before the cut,
 * a heartbeat none. Packets of unknown length are included, so that a relay can pass them on.
 *
 * A subarray costs more than reading a field: for speed, a `FrameCursor` reads the same packets without subarrays.
 *
 * @param options `onIssue` is called for truncation and trailing bytes
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array, at the first step
 */
export function* packets(
  frame: Uint8Array,
  options?: Pick<DecodeOptions, 'onIssue'>,
): Generator<Uint8Array, void, undefined> {
  const walker = new FrameWalker({ ...options, unknownLengths: true });
  walker.reset(frame);
  while (walker.next()) yield new Uint8Array(frame.buffer, walker.offset, walker.length);
}
