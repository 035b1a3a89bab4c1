import type { Item } from '../client/client.js';
import type { SocketLog } from '../run/wire-log.js';
import type { StreamRecord } from './stream-record.js';

/** How far the client's time of an opened socket may differ from the wire's, in milliseconds. */
const STAMP_MS = 5;

/** The account of an API key. */
type AccountOf = (apiKey: string) => string;

/**
 * Finds the socket of each `open` that a consumer received: those of one account come in the order in which its sockets
 * opened, with the opening time. Only for a consumer that loses nothing. A worker that ends may take the news of an open
 * with it.
 */
export class OpenedSockets {
  readonly #byItem = new Map<Item, SocketLog>();
  /** Sockets that were not reported to the consumer. */
  readonly untold: readonly SocketLog[];

  constructor(stream: StreamRecord, sockets: readonly SocketLog[], accountOf: AccountOf) {
    const end = stream.to ?? Infinity;
    const opened = new Map<string, SocketLog[]>();
    for (const socket of sockets) {
      const { apiKey, openedAt } = socket;
      if (openedAt === undefined || openedAt < stream.from || openedAt > end) continue;
      const account = accountOf(apiKey);
      opened.set(account, [...(opened.get(account) ?? []), socket]);
    }
    for (const own of opened.values())
      own.sort((a, b) => a.openedAt! - b.openedAt! || (a.opening ?? 0) - (b.opening ?? 0));
    const untold: SocketLog[] = [];
    for (const { item } of stream.items) {
      if (item.type !== 'state' || item.state !== 'open') continue;
      const own = opened.get(item.from.account) ?? [];
      const place = own.findIndex((socket) => isOf(item, socket));
      if (place > 0) untold.push(...own.splice(0, place));
      const socket = own.shift();
      if (socket) this.#byItem.set(item, socket);
    }
    this.untold = [...untold, ...[...opened.values()].flat()];
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
  accountOf: AccountOf,
): ReadonlyMap<number, number> {
  const channels = new Map<number, number>();
  for (const record of all) {
    const opened = new OpenedSockets(record, sockets, accountOf);
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
  accountOf: AccountOf,
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
