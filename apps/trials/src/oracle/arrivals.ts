import type { Arrival, SocketLog } from '../run/wire-log.js';
import type { SentState, SentStates } from './sent-states.js';

/** When what the server sent reached the client's sockets. A socket loses and reorders nothing: it has a prefix of what was sent. */
export class Arrivals {
  readonly #byConnection = new Map<number, readonly Arrival[]>();

  constructor(sent: SentStates, sockets: readonly SocketLog[]) {
    for (const { arrivals } of sockets) {
      if (arrivals.length === 0) continue;
      for (const [connectionId, packets] of sent.connections)
        if (!this.#byConnection.has(connectionId) && isPrefix(arrivals, packets)) {
          this.#byConnection.set(connectionId, arrivals);
          break;
        }
    }
  }

  /** When the state first reached the client; undefined: never. */
  of({ copies }: SentState): Arrival | undefined {
    let first: Arrival | undefined;
    for (const { connectionId, order } of copies) {
      const arrival = this.#byConnection.get(connectionId)?.[order];
      if (arrival && (!first || arrival.at < first.at)) first = arrival;
    }
    return first;
  }
}

function isPrefix(arrivals: readonly Arrival[], packets: readonly string[]): boolean {
  return arrivals.length <= packets.length && arrivals.every(({ key }, index) => key === packets[index]);
}
