import { KiteInputError } from './error.js';

/**
 * Afterwards a frame's `length` is its length in bytes, and `byteLength`, a call on some engines, is not needed.
 *
 * `isView` and not `instanceof`: arrays of another realm (a frame, a `vm` context, a test runner's sandbox) are as good.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for what is no byte array at all
 */
export function assertFrameBytes(frame: unknown): asserts frame is Uint8Array {
  if (ArrayBuffer.isView(frame) && (frame as Uint8Array).BYTES_PER_ELEMENT === 1) return;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_FRAME', {
    field: 'frame',
    value: frame,
    allowed: 'a Uint8Array, a Node Buffer included',
  });
}
