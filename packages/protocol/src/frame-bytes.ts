import { KiteInputError } from './error.js';

/**
 * Afterwards a frame's `length` is its length in bytes, so `byteLength`, a call on some engines, is not needed.
 *
 * @throws KiteInputError `KITE_PROTOCOL_INVALID_FRAME` for anything but a byte array
 */
export function assertFrameBytes(frame: unknown): asserts frame is Uint8Array {
  if (isBytes(frame)) return;
  throw new KiteInputError('KITE_PROTOCOL_INVALID_FRAME', {
    field: 'frame',
    value: frame,
    allowed: 'a Uint8Array, a Node Buffer included',
  });
}

/** Whether it is a real array of bytes; a proxy of one, or an object that inherits from one, has no bytes to read. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value instanceof Uint8Array || isOfBytes(value));
}

/** Accepts arrays of other realms (an iframe, a `vm` context, a test runner's sandbox), which are no instances. */
function isOfBytes(view: ArrayBufferView): boolean {
  return (view as Uint8Array).BYTES_PER_ELEMENT === 1;
}

const getters = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array);

/** A getter as a function: for each frame Node 20 would look it up in a Buffer's prototypes, at twice the cost. */
function atHand<T>(getter: (() => T) | undefined): (frame: Uint8Array) => T {
  return Function.prototype.call.bind(getter!) as (frame: Uint8Array) => T;
}

export const bufferOf = atHand(getters.buffer.get);
export const byteOffsetOf = atHand(getters.byteOffset.get);
export const lengthOf = atHand(getters.length.get);
