import type { OpenCount, Silence } from '../run/wire-log.js';

/**
 * Whether the last outage hit all connections together: all were open, all were lost before anything could move, and
 * all are open again.
 *
 * @param silences of all sockets: instruments leave an open socket that is silent for long as they leave a lost one
 */
export function wasOutageOfAll(
  counts: readonly OpenCount[],
  connections: number,
  movesAfterMs: number,
  silences: readonly Silence[] = [],
): boolean {
  const isFull = ({ open }: OpenCount): boolean => open >= connections;
  let last = counts.length - 1;
  if (last < 0 || !isFull(counts[last]!)) return false;
  const none = lastIndex(counts, ({ open }) => open === 0);
  // Since it ended, no connection was lost alone.
  const full = counts.findIndex((count, index) => index > none && isFull(count));
  if (none < 0 || counts.slice(full).some((count) => !isFull(count))) return false;
  if (silences.some(({ to }) => to > counts[full]!.at)) return false;
  last = lastIndex(counts, (count, index) => index < none && isFull(count));
  return last >= 0 && counts[none]!.at - counts[last + 1]!.at < movesAfterMs;
}

function lastIndex<T>(list: readonly T[], isMeant: (one: T, index: number) => boolean): number {
  for (let index = list.length - 1; index >= 0; index--) if (isMeant(list[index]!, index)) return index;
  return -1;
}
