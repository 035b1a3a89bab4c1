import type { SentTick } from '@kite/simulator';

import type { Arrival, SocketLog } from '../run/wire-log.js';

/** A state of an instrument as the server sent it. */
export interface SentState {
  readonly token: number;
  /** Its place among the states of its instrument. */
  readonly index: number;
  /** Virtual milliseconds, by the server's clock, since the trial began. */
  readonly at: number;
  readonly account: string;
  /** The server's number of the connection. */
  readonly connectionId: number;
  /** Which packet of the connection it was, counted from 0. */
  readonly order: number;
  readonly packet: Uint8Array;
  /** The client's end of the connection; undefined: there is none. */
  readonly socket: SocketLog | undefined;
  /** The frame in which it reached the client while the client still listened; undefined: it never did. */
  readonly arrival: Arrival | undefined;
  /** States of the same bytes that came in the same millisecond: nobody can tell which one of them was handed over. */
  twins: Twins | undefined;
}

/** The first and the last place of states that nobody can tell apart. */
interface Twins {
  readonly first: number;
  last: number;
}

/** How what was sent is read. */
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
    for (const { at, apiKey, connectionId, instrumentToken: token, packet, damaged } of sent) {
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
        socket: end.socket,
        arrival: arrival?.isOwed ? arrival : undefined,
        twins: undefined,
      });
    }
    for (const states of this.#byToken.values()) findTwins(states);
  }

  get tokens(): Iterable<number> {
    return this.#byToken.keys();
  }

  of(token: number): readonly SentState[] {
    return this.#byToken.get(token) ?? NONE;
  }
}

/** Whether its connection was over for the client when the state was sent: the server did not know it yet. */
export function wasSentTooLate({ at, socket }: SentState): boolean {
  return socket?.openedAt === undefined || (socket.leftAt ?? Infinity) <= at;
}

/** A packet's bytes as text that can be compared and kept. */
export function keyOf(packet: Uint8Array): string {
  return Buffer.from(packet.buffer, packet.byteOffset, packet.length).toString('latin1');
}

const NONE: readonly never[] = [];

function findTwins(states: readonly SentState[]): void {
  let run = new Map<string, Twins>();
  let wall: number | undefined;
  for (const [index, state] of states.entries()) {
    const at = state.arrival?.wall;
    if (at !== wall) run = new Map();
    wall = at;
    if (wall === undefined || ((states[index + 1] ?? state).arrival?.wall !== wall && run.size === 0))
      continue;
    const key = keyOf(state.packet);
    const twins = run.get(key);
    if (twins) {
      twins.last = index;
      state.twins = twins;
    } else {
      state.twins = { first: index, last: index };
      run.set(key, state.twins);
    }
  }
  for (const state of states) if (state.twins?.first === state.twins?.last) state.twins = undefined;
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
