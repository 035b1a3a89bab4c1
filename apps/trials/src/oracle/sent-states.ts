import type { SentTick } from '@kite/simulator';

import type { Arrival, SocketLog } from '../run/wire-log.js';

/** A state of an instrument as the server sent it. */
export interface SentState {
  readonly token: number;
  /** Its place among the states of its instrument. */
  readonly index: number;
  /** Virtual milliseconds since the trial began, by the server's clock. */
  readonly at: number;
  readonly account: string;
  /** The server's number of the connection. */
  readonly connectionId: number;
  /** Which packet of the connection it was, counted from 0. */
  readonly order: number;
  readonly packet: Uint8Array;
  /** Which change of the instrument it shows: states with the same number differ only in mode. */
  readonly change: number;
  /** The client's end of the connection; undefined: there is none. */
  readonly socket: SocketLog | undefined;
  /** The frame that brought it while the client still listened; undefined: none. */
  readonly arrival: Arrival | undefined;
  /** States with the same bytes at one time of the wall clock: which of them was delivered is unknown. */
  twins: Twins | undefined;
}

/** The first and last place of states that look alike, and of those between them. */
interface Twins {
  readonly first: number;
  last: number;
}

/** How to read what was sent. */
export interface SentOptions {
  readonly sockets: readonly SocketLog[];
  /** The server's time as the trial began, in Unix milliseconds. */
  readonly beganAt: number;
  readonly accountOf: (apiKey: string) => string;
}

/** Everything that the server sent, by instrument, in its order, and when it reached the client. */
export class SentStates {
  readonly #byToken = new Map<number, SentState[]>();

  constructor(sent: readonly SentTick[], { sockets, beganAt, accountOf }: SentOptions) {
    const ends = new Map<number, Reader>();
    for (const socket of sockets)
      if (socket.connectionId !== undefined) ends.set(socket.connectionId, new Reader(socket));
    for (const { at, apiKey, connectionId, instrumentToken: token, packet, change, damaged } of sent) {
      let end = ends.get(connectionId);
      if (!end) ends.set(connectionId, (end = new Reader(undefined)));
      const { order, arrival } = end.next();
      if (damaged) continue;
      let states = this.#byToken.get(token);
      if (!states) this.#byToken.set(token, (states = []));
      states.push({
        token,
        index: states.length,
        at: at - beganAt,
        account: accountOf(apiKey),
        connectionId,
        order,
        packet,
        change,
        socket: end.socket,
        arrival: arrival?.isOwed ? arrival : undefined,
        twins: undefined,
      });
    }
    for (const states of this.#byToken.values()) findTwins(states);
  }

  /** Only the states that pass `isRead`, as a consumer of some instruments or of one connection reads them. */
  where(isRead: (state: SentState) => boolean): SentStates {
    const some = new SentStates([], { sockets: [], beganAt: 0, accountOf: () => '' });
    for (const [token, states] of this.#byToken) some.#byToken.set(token, states.filter(isRead));
    return some;
  }

  get tokens(): Iterable<number> {
    return this.#byToken.keys();
  }

  of(token: number): readonly SentState[] {
    return this.#byToken.get(token) ?? NONE;
  }
}

/** Whether its connection had ended for the client when the state was sent: the server did not know yet. */
export function wasSentTooLate({ at, socket }: SentState): boolean {
  return socket?.openedAt === undefined || (socket.leftAt ?? Infinity) <= at;
}

/** A packet's bytes as text, to compare and keep. */
export function keyOf(packet: Uint8Array): string {
  return Buffer.from(packet.buffer, packet.byteOffset, packet.length).toString('latin1');
}

const NONE: readonly never[] = [];

/**
 * Marks the states that look alike, and those between them, which may have come before or after. A wall clock that was
 * set back shows a time twice.
 */
function findTwins(sent: readonly SentState[]): void {
  // A state sent to a dead connection meanwhile never came, and separates none.
  const states = sent.filter(({ arrival }) => arrival !== undefined);
  const lookOf = ({ packet, arrival }: SentState): string => `${arrival!.wall} ${keyOf(packet)}`;
  const last = new Map(states.map((state, place) => [lookOf(state), place]));
  let span: Twins | undefined;
  for (const [place, state] of states.entries()) {
    const end = last.get(lookOf(state))!;
    if (span && state.index <= span.last) span.last = Math.max(span.last, states[end]!.index);
    else span = end === place ? undefined : { first: state.index, last: states[end]!.index };
    state.twins = span;
  }
}

/** Counts the packets of a connection, and finds the frames in which they arrived. */
class Reader {
  readonly socket: SocketLog | undefined;
  #order = 0;
  #frame = 0;

  constructor(socket: SocketLog | undefined) {
    this.socket = socket;
  }

  next(): { order: number; arrival: Arrival | undefined } {
    const order = this.#order++;
    const arrivals = this.socket?.arrivals ?? NONE;
    while (this.#frame < arrivals.length && arrivals[this.#frame]!.upTo <= order) this.#frame++;
    return { order, arrival: arrivals[this.#frame] };
  }
}
