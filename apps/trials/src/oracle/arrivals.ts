import type { Arrival, SocketLog } from '../run/wire-log.js';
import type { SentState } from './sent-states.js';

/** When what the server sent reached the client's sockets. A socket loses and reorders nothing: it has a prefix of what was sent. */
export class Arrivals {
  readonly #sockets = new Map<number, SocketLog>();

  constructor(sockets: readonly SocketLog[]) {
    for (const socket of sockets)
      if (socket.connectionId !== undefined) this.#sockets.set(socket.connectionId, socket);
  }

  /** When the state first reached the client; undefined: never. */
  of({ copies }: SentState): Arrival | undefined {
    let first: Arrival | undefined;
    for (const { connectionId, order } of copies) {
      const arrival = this.#sockets.get(connectionId)?.arrivals[order];
      if (arrival && (!first || arrival.at < first.at)) first = arrival;
    }
    return first;
  }

  /** Whether each connection that carried the state had ended for the client before: the server did not know it yet. */
  cameTooLate({ at, copies }: SentState): boolean {
    return copies.every(({ connectionId }) => {
      const socket = this.#sockets.get(connectionId);
      return socket !== undefined && (socket.openedWall === undefined || (socket.endedAt ?? Infinity) <= at);
    });
  }
}
