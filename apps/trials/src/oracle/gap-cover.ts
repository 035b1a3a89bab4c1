import type { Gap } from '@kite/protocol';

/** Tolerance for a wall-clock time that was computed, not seen. */
const ROUNDING_MS = 1.5;

/** How long a connection may hold an instrument that moves on, before its first tick comes, in milliseconds. */
const BETWEEN_MOVES_MS = 1000;

/**
 * Whether these gaps together cover the time of one. If the clock was set, each was computed, and is rounded. If an
 * instrument moves twice, the connection between may have streamed it for a moment.
 */
export function isCovered({ from, to }: Gap, gaps: readonly Gap[]): boolean {
  let until: number | undefined;
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const least = until === undefined ? from + ROUNDING_MS : until + BETWEEN_MOVES_MS;
    if (gap.from <= least && gap.to >= from) until = Math.max(until ?? from, gap.to);
  }
  return until !== undefined && until >= to;
}
