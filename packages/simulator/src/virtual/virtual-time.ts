/** Ticks of virtual time in a millisecond: a power of two, so that sums of times are exact. */
export const TICKS_PER_MS = 1024;

/** Rounds a time or a duration up to a tick of virtual time. */
export function quantized(ms: number): number {
  return Math.ceil(ms * TICKS_PER_MS) / TICKS_PER_MS;
}
