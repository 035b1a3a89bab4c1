import type { ChannelId } from '@kite/connection';

/** How instruments are spread over connections. */
export type Distribution = 'round-robin' | 'least-loaded';

/** One connection's room. */
export interface Room {
  /** Which connection it is. */
  readonly channelId: ChannelId;
  /** Instruments that it holds. */
  readonly size: number;
  /** Instruments that it may hold. */
  readonly capacity: number;
}

/** Where instruments go. */
export interface Allocation {
  /** Each connection's new instruments; connections that get none are left out. */
  readonly assigned: ReadonlyMap<ChannelId, readonly number[]>;
  /** What did not fit. */
  readonly leftOver: readonly number[];
  /** Where round robin goes on the next time. */
  readonly cursor: number;
}

/** Spreads instruments over connections, none beyond its capacity. Changes nothing: it is a plan. */
export function allocate(
  tokens: readonly number[],
  rooms: readonly Room[],
  distribution: Distribution,
  cursor = 0,
): Allocation {
  const assigned = new Map<ChannelId, number[]>();
  const sizes = rooms.map((room) => room.size);
  const hasRoom = (index: number): boolean => sizes[index]! < rooms[index]!.capacity;
  let next = cursor;
  for (const [position, token] of tokens.entries()) {
    const index =
      distribution === 'round-robin'
        ? nextWithRoom(next, rooms.length, hasRoom)
        : leastLoaded(sizes, hasRoom);
    if (index === undefined) return { assigned, leftOver: tokens.slice(position), cursor: next };
    next = index + 1;
    sizes[index]!++;
    const { channelId } = rooms[index]!;
    const list = assigned.get(channelId);
    if (list) list.push(token);
    else assigned.set(channelId, [token]);
  }
  return { assigned, leftOver: [], cursor: next };
}

function nextWithRoom(from: number, count: number, hasRoom: (index: number) => boolean): number | undefined {
  for (let step = 0; step < count; step++) {
    const index = (from + step) % count;
    if (hasRoom(index)) return index;
  }
  return undefined;
}

function leastLoaded(sizes: readonly number[], hasRoom: (index: number) => boolean): number | undefined {
  let least: number | undefined;
  for (const [index, size] of sizes.entries()) {
    if (hasRoom(index) && (least === undefined || size < sizes[least]!)) least = index;
  }
  return least;
}
