/**
 * Big-endian reads straight from the bytes, without bounds checks: the caller has checked the length.
 *
 * For views over a single packet: a `DataView` for each would cost more than reading all its fields. Over whole frames
 * a shared `DataView` is faster.
 */

export function uint32(bytes: Uint8Array, at: number): number {
  return int32(bytes, at) >>> 0;
}

export function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Unix seconds as milliseconds; null for 0. */
export function timestamp(bytes: Uint8Array, at: number): number | null {
  const seconds = uint32(bytes, at);
  return seconds === 0 ? null : seconds * 1000;
}

/**
 * A copy of the bytes. Not `slice`: a Node `Buffer` overrides it and returns another view of the same memory.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const own = new Uint8Array(bytes.byteLength);
  own.set(bytes);
  return own;
}
