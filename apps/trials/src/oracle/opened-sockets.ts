import type { Item } from '../client/client.js';
import type { SocketLog } from '../run/wire-log.js';
import type { StreamRecord } from './stream-record.js';

/** How far the client's time of an opened socket may differ from the wire's, in milliseconds. */
const STAMP_MS = 5;

/**
 * Finds the socket of each `open` that a consumer received: they come in the order in which the sockets opened, with
 * the opening time. Only for a consumer that loses nothing. A worker that ends may take the news of an open with it.
 */
export class OpenedSockets {
  readonly #byItem = new Map<Item, SocketLog>();
  /** Sockets that were not reported to the consumer. */
  readonly untold: readonly SocketLog[];

  constructor(stream: StreamRecord, sockets: readonly SocketLog[]) {
    const end = stream.to ?? Infinity;
    const opened = sockets
      .filter(({ openedAt }) => openedAt !== undefined && openedAt >= stream.from && openedAt <= end)
      .sort((a, b) => a.openedAt! - b.openedAt! || (a.opening ?? 0) - (b.opening ?? 0));
    const told = stream.items
      .map(({ item }) => item)
      .filter((item) => item.type === 'state' && item.state === 'open');
    const untold: SocketLog[] = [];
    for (const item of told) {
      const place = opened.findIndex((socket) => isOf(item, socket));
      if (place > 0) untold.push(...opened.splice(0, place));
      const socket = opened.shift();
      if (socket) this.#byItem.set(item, socket);
    }
    this.untold = [...untold, ...opened];
  }

  of(item: Item): SocketLog | undefined {
    return this.#byItem.get(item);
  }
}

function isOf(item: Item, { openedWall }: SocketLog): boolean {
  return (
    'receivedAt' in item && openedWall !== undefined && Math.abs(item.receivedAt - openedWall) <= STAMP_MS
  );
}

/** The client's connection by the server's number, as reported to a consumer without losses. */
export function channelsOf(
  all: readonly StreamRecord[],
  sockets: readonly SocketLog[],
): ReadonlyMap<number, number> {
  const channels = new Map<number, number>();
  for (const record of all) {
    const opened = new OpenedSockets(record, sockets);
    for (const { item } of record.items) {
      const connectionId = opened.of(item)?.connectionId;
      if (connectionId !== undefined) channels.set(connectionId, item.from.channelId);
    }
  }
  return channels;
}

/**
 * The same over real sockets, which several threads open: an account's connection reports its opening with the time of
 * its socket. Of several in one millisecond the first is reported first.
 */
export function channelsByTime(
  all: readonly StreamRecord[],
  sockets: readonly SocketLog[],
  accountOf: (apiKey: string) => string,
): ReadonlyMap<number, number> {
  const channels = new Map<number, number>();
  const left = sockets.filter(({ opening }) => opening !== undefined);
  left.sort((a, b) => a.opening! - b.opening!);
  for (const { item } of all.flatMap(({ items }) => items)) {
    if (item.type !== 'state' || item.state !== 'open') continue;
    const place = left.findIndex(
      ({ openedWall, apiKey }) => openedWall === item.receivedAt && accountOf(apiKey) === item.from.account,
    );
    if (place < 0) continue;
    const [socket] = left.splice(place, 1);
    if (socket!.connectionId !== undefined) channels.set(socket!.connectionId, item.from.channelId);
  }
  return channels;
}
