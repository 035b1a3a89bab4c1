import type { SocketListener, Transport } from '@kite/connection';
import { FrameWalker } from '@kite/protocol';

import { keyOf } from '../oracle/sent-states.js';

/** What one socket of the client brought, as the client's machine saw it. */
export interface SocketLog {
  /** By the clock on the client's wall, in Unix milliseconds; undefined: it never opened. */
  openedWall: number | undefined;
  /** The same in virtual milliseconds since the trial began. */
  openedAt: number | undefined;
  /** When the last binary or text message came, by the same clock. */
  lastDataWall: number | undefined;
  /** When the client was rid of it, in virtual milliseconds since the trial began. */
  endedAt: number | undefined;
  /** The server's number of the connection; undefined: none came of it. */
  connectionId: number | undefined;
  /** The packets that came, in order. */
  readonly arrivals: Arrival[];
}

/** A packet that reached a socket of the client. */
export interface Arrival {
  readonly key: string;
  /** By the clock on the client's wall. */
  readonly wall: number;
  /** Virtual milliseconds since the trial began. */
  readonly at: number;
  /** Counts the packets of all sockets, in the order of their coming. */
  readonly sequence: number;
}

interface Times {
  /** Virtual milliseconds since the trial began. */
  trueNow(): number;
  /** The client's wall clock. */
  wallNow(): number;
}

/** Notes what reaches the client's sockets, below everything that is under trial. */
export class WireLog {
  readonly sockets: SocketLog[] = [];
  readonly orders: { readonly text: string; readonly at: number }[] = [];
  readonly #offsets: { readonly at: number; readonly offset: number }[] = [];
  readonly #walker = new FrameWalker({ unknownLengths: true });
  readonly #times: Times;
  #packets = 0;

  constructor(times: Times) {
    this.#times = times;
  }

  /** The server has opened a connection for this socket: it is known by the name that it gave in its handshake. */
  accepted(name: string | undefined, connectionId: number): void {
    const socket = this.sockets[Number(name?.replace('trial-', ''))];
    if (socket) socket.connectionId = connectionId;
  }

  /** A transport that does what the other one does, and notes it. */
  over(transport: Transport): Transport {
    return {
      open: (request, listener) => {
        const log: SocketLog = {
          openedWall: undefined,
          openedAt: undefined,
          lastDataWall: undefined,
          endedAt: undefined,
          connectionId: undefined,
          arrivals: [],
        };
        const name = `trial-${this.sockets.length}`;
        this.sockets.push(log);
        const headers = { ...request.headers, 'User-Agent': name };
        const socket = transport.open({ ...request, headers }, this.#noting(log, listener));
        return {
          send: (text) => socket.send(text),
          ping: () => socket.ping(),
          close: () => socket.close(),
          terminate: () => {
            this.#ended(log);
            socket.terminate();
          },
        };
      },
    };
  }

  /** Looks at the client's wall clock: its steps are known by the looks before and after them. */
  look(): void {
    this.#look();
  }

  /** What the client's wall showed at a virtual time. */
  wallAt(at: number): number {
    let [low, high] = [0, this.#offsets.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle]!.at <= at) low = middle;
      else high = middle;
    }
    return at + (this.#offsets[low]?.offset ?? 0);
  }

  #noting(log: SocketLog, listener: SocketListener): SocketListener {
    return {
      opened: () => {
        log.openedWall = this.#look();
        log.openedAt = this.#times.trueNow();
        listener.opened();
      },
      binary: (bytes) => {
        log.lastDataWall = this.#look();
        this.#note(bytes, log.lastDataWall, log.arrivals);
        listener.binary(bytes);
      },
      text: (text) => {
        log.lastDataWall = this.#look();
        if (text.includes('"type":"order"')) this.orders.push({ text, at: this.#times.trueNow() });
        listener.text(text);
      },
      alive: () => listener.alive(),
      pong: () => listener.pong(),
      ended: (end) => {
        this.#ended(log);
        listener.ended(end);
      },
    };
  }

  #note(bytes: Uint8Array, wall: number, arrivals: Arrival[]): void {
    const at = this.#times.trueNow();
    const walker = this.#walker.reset(bytes);
    while (walker.next()) {
      const { view, offset, length } = walker;
      const key = keyOf(new Uint8Array(view.buffer, view.byteOffset + offset, length));
      arrivals.push({ key, wall, at, sequence: ++this.#packets });
    }
  }

  #ended(log: SocketLog): void {
    log.endedAt ??= this.#times.trueNow();
  }

  /** The wall clock now; where it has moved against the true time, that is noted. */
  #look(): number {
    const wall = this.#times.wallNow();
    const at = this.#times.trueNow();
    const offset = wall - at;
    if (this.#offsets.at(-1)?.offset !== offset) this.#offsets.push({ at, offset });
    return wall;
  }
}
