import type { Item } from '../client/client.js';
import type { SocketLog } from '../run/wire-log.js';
import type { StreamRecord } from './stream-record.js';

/** As far as this, in milliseconds, the time that the client gives an opened socket may differ from that of the wire. */
const STAMP_MS = 5;

/**
 * Which socket each `open` of a consumer is about: they are told in the order in which the sockets opened, with the time of
 * that. For a consumer that loses nothing. A worker that is ended may take with it that a socket opened.
 */
export class OpenedSockets {
  readonly #byItem = new Map<Item, SocketLog>();
  /** Sockets that the consumer was not told of. */
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

/** By the server's number of a connection, the client's, as a consumer without losses was told. */
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
 * The same over real sockets, which several threads open: an account's connection says that it is open with the time of its
 * socket. Of those that opened in one millisecond the first is told first.
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
