import { KiteInputError } from './error.js';

/**
 * Afterwards a frame's `length` is its length in bytes, and `byteLength`, a call on some engines, is not needed.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for what is no byte array at all
 */
export function assertFrameBytes(frame: unknown): asserts frame is Uint8Array {
  if (isBytes(frame)) return;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_FRAME', {
    field: 'frame',
    value: frame,
    allowed: 'a Uint8Array, a Node Buffer included',
  });
}

/** Whether it is an array of bytes. A view by itself: what only inherits from one, or stands before one, has no bytes to look at. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value instanceof Uint8Array || isOfBytes(value));
}

/** Of another realm, an iframe or a `vm` context or a test runner's sandbox, it is no instance and as good. */
function isOfBytes(view: ArrayBufferView): boolean {
  return (view as Uint8Array).BYTES_PER_ELEMENT === 1;
}

const getters = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array);

/** A getter as a function: for each frame, Node 20 looks it up through the prototypes of a Buffer, which costs as much again. */
function atHand<T>(getter: (() => T) | undefined): (frame: Uint8Array) => T {
  return Function.prototype.call.bind(getter!) as (frame: Uint8Array) => T;
}

export const bufferOf = atHand(getters.buffer.get);
export const byteOffsetOf = atHand(getters.byteOffset.get);
export const lengthOf = atHand(getters.length.get);
