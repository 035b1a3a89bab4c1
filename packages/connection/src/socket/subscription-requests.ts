import {
  type Mode,
  modeRequests,
  SERVER_DEFAULT_MODE,
  subscribeRequests,
  unsubscribeRequests,
} from '@kite/protocol';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/**
 * The fewest requests that bring a connection from what it was asked for to what is wanted: what is removed comes first, since
 * there may be no room for the rest; then what is new; then one request for each mode that instruments have to change to. A
 * new one starts in the server's default mode, which needs no request.
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
