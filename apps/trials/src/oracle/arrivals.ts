import type { Arrival, SocketLog } from '../run/wire-log.js';
import { type SentState, tokenOf } from './sent-states.js';

/** A socket of the client that has brought an instrument. */
export interface Carrier {
  readonly connectionId: number;
  /** When its first packet of the instrument came, in virtual milliseconds since the trial began. */
  readonly from: number;
  /** When the client was rid of the socket. */
  readonly to: number;
}

/** When what the server sent reached the client's sockets. A socket loses and reorders nothing: it has a prefix of what was sent. */
export class Arrivals {
  readonly #sockets = new Map<number, SocketLog>();
  #carriers: Map<number, Carrier[]> | undefined;

  constructor(sockets: readonly SocketLog[]) {
    for (const socket of sockets)
      if (socket.connectionId !== undefined) this.#sockets.set(socket.connectionId, socket);
  }

  /** When the state reached the client; undefined: never. */
  of({ connectionId, order }: SentState): Arrival | undefined {
    return this.ofPacket(connectionId, order);
  }

  /** When a packet of a connection reached the client, counted from 0; undefined: never. */
  ofPacket(connectionId: number, order: number): Arrival | undefined {
    return this.#sockets.get(connectionId)?.arrivals[order];
  }

  /** The sockets that have brought an instrument, and from when to when they did or could. */
  carriersOf(token: number): readonly Carrier[] {
    if (!this.#carriers) this.#carriers = carriers(this.#sockets);
    return this.#carriers.get(token) ?? [];
  }

  /** Whether the connection had ended for the client before that time: the server did not know it yet. */
  hadEnded(connectionId: number, at: number): boolean {
    const socket = this.#sockets.get(connectionId);
    return socket !== undefined && (socket.openedWall === undefined || (socket.endedAt ?? Infinity) <= at);
  }
}

function carriers(sockets: ReadonlyMap<number, SocketLog>): Map<number, Carrier[]> {
  const carriers = new Map<number, Carrier[]>();
  for (const [connectionId, { arrivals, endedAt }] of sockets) {
    const known = new Set<number>();
    for (const { key, at } of arrivals) {
      const token = tokenOf(key);
      if (known.has(token)) continue;
      known.add(token);
      const carrier = { connectionId, from: at, to: endedAt ?? Infinity };
      const list = carriers.get(token);
      if (list) list.push(carrier);
      else carriers.set(token, [carrier]);
    }
  }
  return carriers;
}
