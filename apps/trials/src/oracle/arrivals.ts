import type { SentTick } from '@kite/simulator';

import { type SocketLog, wasUnsubscribed } from '../run/wire-log.js';
import { countWhile } from './count-while.js';

/** A packet that reached a socket of the client. */
export interface PacketArrival {
  /** By the client's wall clock, in Unix milliseconds. */
  readonly wall: number;
  /** Virtual milliseconds since the trial began. */
  readonly at: number;
  /** Counts the packets of all sockets, in order of arrival. */
  readonly sequence: number;
}

/** A socket of the client that has brought an instrument. */
export interface Carrier {
  readonly connectionId: number;
  /** When the server sent its first packet of the instrument, in virtual milliseconds since the trial began. */
  readonly sentFrom: number;
  /** When its first packet of the instrument came, in virtual milliseconds since the trial began. */
  readonly from: number;
  /** When the client had left the socket. */
  readonly to: number;
}

/** When what the server sent reached the client's sockets, packet by packet. */
export class Arrivals {
  readonly #sockets = new Map<number, SocketLog>();
  readonly #sent: readonly SentTick[];
  readonly #beganAt: number;
  #carriers: Map<number, Carrier[]> | undefined;

  /** @param beganAt the server's time as the trial began, in Unix milliseconds */
  constructor(sockets: readonly SocketLog[], sent: readonly SentTick[], beganAt: number) {
    this.#sent = sent;
    this.#beganAt = beganAt;
    for (const socket of sockets)
      if (socket.connectionId !== undefined) this.#sockets.set(socket.connectionId, socket);
  }

  /** When a packet of a connection reached the client, counted from 0; undefined: never. */
  ofPacket(connectionId: number, order: number): PacketArrival | undefined {
    const arrivals = this.#sockets.get(connectionId)?.arrivals ?? [];
    const index = countWhile(arrivals, ({ upTo }) => upTo <= order);
    const frame = arrivals[index];
    if (!frame) return undefined;
    const { wall, at, first } = frame;
    return { wall, at, sequence: first + order - (arrivals[index - 1]?.upTo ?? 0) };
  }

  /** The sockets that have brought an instrument, and the span in which they did or could. */
  carriersOf(token: number): readonly Carrier[] {
    if (!this.#carriers) this.#carriers = this.#findCarriers();
    return this.#carriers.get(token) ?? [];
  }

  /** Whether the connection had ended for the client by then: the server did not know yet. */
  hadEnded(connectionId: number, at: number): boolean {
    const socket = this.#sockets.get(connectionId);
    return socket !== undefined && (socket.openedWall === undefined || (socket.leftAt ?? Infinity) <= at);
  }

  /** Whether the client had unsubscribed the instrument on this socket by then: later data is not its stream. */
  wasUnsubscribed(connectionId: number, token: number, at: number): boolean {
    return wasUnsubscribed(this.#sockets.get(connectionId), token, { sentAt: at, cameAt: at });
  }

  /** When the client left the socket, even one that brought nothing; Infinity: it did not. */
  leftAt(connectionId: number): number {
    return this.#sockets.get(connectionId)?.leftAt ?? Infinity;
  }

  #findCarriers(): Map<number, Carrier[]> {
    const carriers = new Map<number, Carrier[]>();
    const orders = new Map<number, number>();
    const known = new Set<string>();
    for (const { connectionId, instrumentToken: token, at } of this.#sent) {
      const order = orders.get(connectionId) ?? 0;
      orders.set(connectionId, order + 1);
      const key = `${connectionId} ${token}`;
      if (known.has(key)) continue;
      known.add(key);
      const arrival = this.ofPacket(connectionId, order);
      if (!arrival) continue;
      const sentFrom = at - this.#beganAt;
      const carrier = { connectionId, sentFrom, from: arrival.at, to: this.leftAt(connectionId) };
      const list = carriers.get(token);
      if (list) list.push(carrier);
      else carriers.set(token, [carrier]);
    }
    return carriers;
  }
}
