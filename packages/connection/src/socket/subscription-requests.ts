import {
  type Mode,
  modeRequests,
  SERVER_DEFAULT_MODE,
  subscribeRequests,
  unsubscribeRequests,
} from '@kite/protocol';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/**
 * The fewest requests that turn what a connection was asked for into what is wanted: removals first, since there may be
 * no room for the rest; then new instruments; then one request for each mode that instruments change to. A new
 * instrument starts in the server's default mode, which needs no request.
 */
export function requestsBetween(
  asked: ReadonlyMap<number, Mode>,
  wanted: ReadonlyMap<number, Mode>,
): string[] {
  const removed = [...asked.keys()].filter((token) => !wanted.has(token));
  const added: number[] = [];
  const moved: Record<Mode, number[]> = { ltp: [], quote: [], full: [] };
  for (const [token, mode] of wanted) {
    const before = asked.get(token);
    if (before === undefined) added.push(token);
    if (mode !== (before ?? SERVER_DEFAULT_MODE)) moved[mode].push(token);
  }
  return [
    ...unsubscribeRequests(removed),
    ...subscribeRequests(added),
    ...MODES.flatMap((mode) => modeRequests(mode, moved[mode])),
  ];
}
