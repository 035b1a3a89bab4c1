import type { Item } from '../client/client.js';
import type { SocketLog } from '../run/wire-log.js';
import type { StreamRecord } from './stream-record.js';

/**
 * Which socket each `open` of a consumer is about: they are told in the order in which the sockets opened. For a consumer that
 * loses nothing.
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
    for (const [index, item] of told.entries()) {
      const socket = opened[index];
      if (socket) this.#byItem.set(item, socket);
    }
    this.untold = opened.slice(told.length);
  }

  of(item: Item): SocketLog | undefined {
    return this.#byItem.get(item);
  }
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
