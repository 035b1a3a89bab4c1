/** The bytes that a list of comma-separated values is made of. */
export const COMMA = 0x2c;
export const QUOTE = 0x22;
export const NEWLINE = 0x0a;
export const RETURN = 0x0d;

/** A hash of the bytes from `from` to `to`: FNV-1a, 32 bits. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash;
}

/** A larger copy of the array. */
export function grown<Column extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
  column: Column,
  least: number,
): Column {
  const Type = column.constructor as new (length: number) => Column;
  const larger = new Type(Math.max(least, column.length * 2));
  larger.set(column);
  return larger;
}
