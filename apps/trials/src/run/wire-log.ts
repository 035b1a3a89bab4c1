import type { SocketListener, Transport } from '@kite/connection';

import { WallClock } from './wall-clock.js';

/** A frame of ticks that reached a socket of the client. */
export interface Arrival {
  /** By the clock on the client's wall, in Unix milliseconds: what the client stamps it with. */
  readonly wall: number;
  /** Virtual milliseconds since the trial began. */
  readonly at: number;
  /** Counts the packets of all sockets, in the order of their coming: that of the frame's first. */
  readonly first: number;
  /** Packets of the socket up to this frame's end. */
  readonly upTo: number;
  /** Whether the client still listened to the socket. */
  readonly isOwed: boolean;
}

/** What one socket of the client brought, as the client's machine saw it. Times are virtual milliseconds since the trial began. */
export interface SocketLog {
  readonly dialledAt: number;
  /** With this access token. */
  readonly accessToken: string;
  /** Undefined: it never opened. */
  openedAt: number | undefined;
  /** The same by the clock on the client's wall, in Unix milliseconds. */
  openedWall: number | undefined;
  /** When the client wanted nothing more of it, was told of its end, or lost its thread; undefined: it still has it. */
  leftAt: number | undefined;
  /** When the last binary or text message came. */
  lastDataAt: number | undefined;
  lastDataWall: number | undefined;
  /** The server's number of the connection; undefined: none came of it. */
  connectionId: number | undefined;
  /** In order. A socket loses and reorders nothing: it has a prefix of what was sent. */
  readonly arrivals: Arrival[];
  /** By the wall's time, the packets of the socket up to the end of the last frame that came then. */
  readonly upToAt: Map<number, number>;
}

/** An order postback that reached a socket. */
export interface OrderArrival {
  readonly text: string;
  readonly at: number;
  readonly wall: number;
  /** Whether the client still listened to the socket. */
  readonly isOwed: boolean;
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
  readonly orders: OrderArrival[] = [];
  readonly wall = new WallClock();
  /** When a socket last opened, or the client last left one. */
  lastChangeAt = 0;
  /** By the wall's time, when frames came. */
  readonly #cameAt = new Map<number, number[]>();
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

  /** Open sockets of the client. */
  get open(): SocketLog[] {
    return this.sockets.filter(({ openedAt, leftAt }) => openedAt !== undefined && leftAt === undefined);
  }

  /** A transport that does what the other one does, and notes it; what it has opened can be ended all at once. */
  over(transport: Transport): { transport: Transport; threadEnded: () => void } {
    const logs: SocketLog[] = [];
    return {
      transport: {
        open: (request, listener) => {
          const log = this.#newLog(request.url);
          const headers = { ...request.headers, 'User-Agent': `trial-${this.sockets.length}` };
          this.sockets.push(log);
          logs.push(log);
          const socket = transport.open({ ...request, headers }, this.#noting(log, listener));
          return {
            send: (text) => socket.send(text),
            ping: () => socket.ping(),
            close: () => {
              this.#left(log);
              socket.close();
            },
            terminate: () => {
              this.#left(log);
              socket.terminate();
            },
          };
        },
      },
      threadEnded: () => {
        for (const log of logs) this.#left(log);
      },
    };
  }

  /** When the frame came that is stamped with this time; where the clock was set back there may be several: the last one up to `upTo`. */
  cameAt(wall: number, upTo: number): number | undefined {
    return this.#cameAt
      .get(wall)
      ?.filter((at) => at <= upTo)
      .at(-1);
  }

  /** Looks at the client's wall clock: its steps are known by the looks before and after them. */
  look(): number {
    const wall = this.#times.wallNow();
    this.wall.saw(this.#times.trueNow(), wall);
    return wall;
  }

  #newLog(url: string): SocketLog {
    return {
      dialledAt: this.#times.trueNow(),
      accessToken: new URL(url).searchParams.get('access_token') ?? '',
      openedAt: undefined,
      openedWall: undefined,
      leftAt: undefined,
      lastDataAt: undefined,
      lastDataWall: undefined,
      connectionId: undefined,
      arrivals: [],
      upToAt: new Map(),
    };
  }

  #noting(log: SocketLog, listener: SocketListener): SocketListener {
    return {
      opened: () => {
        log.openedWall = this.look();
        log.openedAt = this.#times.trueNow();
        if (log.leftAt === undefined) this.lastChangeAt = log.openedAt;
        listener.opened();
      },
      binary: (bytes) => {
        this.#data(log);
        if (bytes.length >= 2) this.#note(log, (bytes[0]! << 8) | bytes[1]!);
        listener.binary(bytes);
      },
      text: (text) => {
        this.#data(log);
        if (text.includes('"type":"order"'))
          this.orders.push({
            text,
            at: log.lastDataAt!,
            wall: log.lastDataWall!,
            isOwed: log.leftAt === undefined,
          });
        listener.text(text);
      },
      alive: () => listener.alive(),
      pong: () => listener.pong(),
      ended: (end) => {
        this.#left(log);
        listener.ended(end);
      },
    };
  }

  /** What comes after the client has left is nothing to it. */
  #data(log: SocketLog): void {
    const wall = this.look();
    if (log.leftAt !== undefined) return;
    log.lastDataWall = wall;
    log.lastDataAt = this.#times.trueNow();
  }

  #note({ arrivals, upToAt, leftAt }: SocketLog, packets: number): void {
    const upTo = (arrivals.at(-1)?.upTo ?? 0) + packets;
    const wall = this.#times.wallNow();
    const at = this.#times.trueNow();
    arrivals.push({ wall, at, first: this.#packets + 1, upTo, isOwed: leftAt === undefined });
    this.#packets += packets;
    upToAt.set(wall, upTo);
    const came = this.#cameAt.get(wall);
    if (!came) this.#cameAt.set(wall, [at]);
    else if (came.at(-1) !== at) came.push(at);
  }

  #left(log: SocketLog): void {
    if (log.leftAt !== undefined) return;
    log.leftAt = this.#times.trueNow();
    if (log.openedAt !== undefined) this.lastChangeAt = log.leftAt;
  }
}
