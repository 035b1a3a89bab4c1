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

/** A time in which nothing came over a socket. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

/** The client has subscribed instruments over a socket, or unsubscribed them. Times are virtual milliseconds since the trial began. */
interface SubscriptionChange {
  readonly at: number;
  /** When the server read it, in whole milliseconds. Undefined: that is not known, and it counts from {@link at} on. */
  readAt?: number;
  readonly tokens: ReadonlySet<number>;
  readonly isSubscribed: boolean;
}

/** A silence of this length, in milliseconds, is longer than any between two heartbeats. Wall clocks show whole milliseconds. */
const SILENCE_MS = 3000 - 1;

/** A socket over which nothing has come for this long, in milliseconds, may be dead: the server sends something every second. */
const ALIVE_MS = 2000;

/** An I/O worker that the client has started. */
export interface WorkerLog {
  /** Virtual milliseconds since the trial began. */
  readonly spawnedAt: number;
  /** Whether the main thread has ever heard of it. */
  hasSpoken: boolean;
}

/** What one socket of the client brought, as the client's machine saw it. Times are virtual milliseconds since the trial began. */
export interface SocketLog {
  readonly dialledAt: number;
  /** With these credentials. */
  readonly apiKey: string;
  readonly accessToken: string;
  /** The I/O worker that has it; absent: the main thread has it. */
  readonly worker?: WorkerLog | undefined;
  /** Undefined: it never opened. */
  openedAt: number | undefined;
  /** The same by the clock on the client's wall, in Unix milliseconds. */
  openedWall: number | undefined;
  /** Counts the openings of all sockets, in their order: several may open in one moment. */
  opening?: number;
  /** When the client closed it, heard of its end, or lost the thread that had it; undefined: it still has it. */
  leftAt: number | undefined;
  /** When the last binary or text message came. */
  lastDataAt: number | undefined;
  lastDataWall: number | undefined;
  /** When nothing came over it for longer than any heartbeat takes, and then something came, in order. */
  readonly silences: Silence[];
  /** The server's number of the connection; undefined: the server accepted none. */
  connectionId: number | undefined;
  /** In order. A socket neither loses nor reorders: these are the first frames that were sent. */
  readonly arrivals: Arrival[];
  /** What the client has subscribed and unsubscribed over it, in order. */
  readonly subscriptions: SubscriptionChange[];
  /** For each wall-clock time at which frames arrived, the socket's packets up to the end of the last of them. */
  readonly upToAt: Map<number, number>;
}

/**
 * Whether the client had unsubscribed the instrument over this socket by then: what still comes is not its stream any more. That
 * is so as well where the client has subscribed it anew, after this was sent.
 */
export function wasUnsubscribed(
  socket: SocketLog | undefined,
  token: number,
  { sentAt, cameAt }: { readonly sentAt: number; readonly cameAt: number },
): boolean {
  const last = changesOf(socket, token, cameAt).at(-1);
  if (!last?.isSubscribed) return last !== undefined;
  return sentAt < (last.readAt ?? last.at) && hasComeBack(socket, token, cameAt);
}

/**
 * Whether the client had unsubscribed the instrument over this socket by a time, and the server had not read there that it is
 * subscribed anew when it sent this.
 */
export function hadEnded(
  socket: SocketLog | undefined,
  token: number,
  { by, sentAt }: { readonly by: number; readonly sentAt: number },
): boolean {
  const last = changesOf(socket, token, Math.max(by, sentAt))
    .filter(({ isSubscribed, at, readAt = at }) => !isSubscribed || readAt <= Math.max(by, sentAt))
    .at(-1);
  return last !== undefined && !last.isSubscribed && last.at <= by;
}

/** Whether the client had unsubscribed the instrument over this socket by then, and subscribed it there anew. */
export function hasComeBack(socket: SocketLog | undefined, token: number, by: number): boolean {
  const changes = changesOf(socket, token, by);
  return changes.at(-1)?.isSubscribed === true && changes.some(({ isSubscribed }) => !isSubscribed);
}

/** When the client subscribed the instrument over this socket last, up to this time; undefined: it did not, or no longer is. */
export function subscribedAt(socket: SocketLog | undefined, token: number, by: number): number | undefined {
  const last = changesOf(socket, token, by).at(-1);
  return last?.isSubscribed ? last.at : undefined;
}

function changesOf(socket: SocketLog | undefined, token: number, by: number): SubscriptionChange[] {
  return (socket?.subscriptions ?? []).filter(({ at, tokens }) => at <= by && tokens.has(token));
}

/** An order postback that reached a socket. */
export interface OrderArrival {
  readonly text: string;
  readonly at: number;
  readonly wall: number;
  /** Whether the client still listened to the socket. */
  readonly isOwed: boolean;
}

/** How many sockets the client had open. */
export interface OpenCount {
  /** Virtual milliseconds since the trial began. */
  readonly at: number;
  readonly open: number;
}

interface Times {
  /** Virtual milliseconds since the trial began. */
  trueNow(): number;
  /** The client's wall clock. */
  wallNow(): number;
}

/** Records what reaches the client's sockets, below all code under trial. */
export class WireLog {
  readonly sockets: SocketLog[] = [];
  readonly orders: OrderArrival[] = [];
  readonly wall = new WallClock();
  /** When a socket last opened, or the client last left one. */
  lastChangeAt = 0;
  /** How many sockets the client had open, from when on. */
  readonly openCounts: OpenCount[] = [];
  /** By the wall's time, when frames came. */
  readonly #cameAt = new Map<number, number[]>();
  readonly #workers: WorkerLog[] = [];
  readonly #times: Times;
  #openings = 0;
  #packets = 0;
  #owedPackets = 0;
  #messages = 0;

  constructor(times: Times) {
    this.#times = times;
  }

  /** The server has opened a connection for this socket: it is known by the name that it gave in its handshake. */
  accepted(name: string | undefined, connectionId: number): void {
    const socket = this.sockets[Number(name?.replace('trial-', ''))];
    if (socket) socket.connectionId = connectionId;
  }

  /** The server has read so many changes of what is subscribed over this connection. */
  read(connectionId: number, count: number): void {
    const socket = this.sockets.find((one) => one.connectionId === connectionId);
    const change = socket?.subscriptions[count - 1];
    if (change) change.readAt = Math.floor(this.#times.trueNow());
  }

  /** Messages that have come to sockets that the client still had, heartbeats included. */
  get messages(): number {
    return this.#messages;
  }

  /** Packets that have come to sockets that the client still had. */
  get packets(): number {
    return this.#owedPackets;
  }

  /** Open sockets of the client. */
  get open(): SocketLog[] {
    return this.sockets.filter(({ openedAt, leftAt }) => openedAt !== undefined && leftAt === undefined);
  }

  /** Open sockets of the client over which something has come of late. */
  aliveAt(now: number): SocketLog[] {
    return this.open.filter(({ openedAt, lastDataAt = openedAt }) => lastDataAt! >= now - ALIVE_MS);
  }

  /** Open sockets of the client over which nothing has come of late. */
  muteAt(now: number): SocketLog[] {
    const alive = this.aliveAt(now);
    return this.open.filter((socket) => !alive.includes(socket));
  }

  /** Sockets that have opened since this time, and ended. */
  flappedSince(at: number): SocketLog[] {
    return this.sockets.filter(
      ({ openedAt, leftAt }) => openedAt !== undefined && openedAt >= at && leftAt !== undefined,
    );
  }

  /** The client has started an I/O worker. */
  spawned(): WorkerLog {
    const worker = { spawnedAt: this.#times.trueNow(), hasSpoken: false };
    this.#workers.push(worker);
    return worker;
  }

  /** Whether the client has opened sockets in its main thread, for want of an I/O worker started since this time. */
  lacksWorkerSince(at: number): boolean {
    const isMute = this.#workers.some(({ spawnedAt, hasSpoken }) => spawnedAt >= at && !hasSpoken);
    return isMute && this.open.some(({ worker }) => worker === undefined);
  }

  /**
   * A transport that does what the other one does, and notes it; what it has opened can be ended all at once.
   *
   * @param worker whose transport it is; undefined: the main thread's
   */
  over(transport: Transport, worker?: WorkerLog): { transport: Transport; threadEnded: () => void } {
    const logs: SocketLog[] = [];
    return {
      transport: {
        open: (request, listener) => {
          const log = this.#newLog(request.url, worker);
          const headers = { ...request.headers, 'User-Agent': `trial-${this.sockets.length}` };
          this.sockets.push(log);
          logs.push(log);
          const socket = transport.open({ ...request, headers }, this.#noting(log, listener));
          return {
            send: (text) => {
              this.#sent(log, text);
              socket.send(text);
            },
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

  #newLog(url: string, worker: WorkerLog | undefined): SocketLog {
    const { searchParams } = new URL(url);
    return {
      dialledAt: this.#times.trueNow(),
      apiKey: searchParams.get('api_key') ?? '',
      accessToken: searchParams.get('access_token') ?? '',
      worker,
      openedAt: undefined,
      openedWall: undefined,
      leftAt: undefined,
      lastDataAt: undefined,
      lastDataWall: undefined,
      silences: [],
      connectionId: undefined,
      arrivals: [],
      subscriptions: [],
      upToAt: new Map(),
    };
  }

  #noting(log: SocketLog, listener: SocketListener): SocketListener {
    return {
      opened: () => {
        log.openedWall = this.look();
        log.openedAt = this.#times.trueNow();
        log.opening = this.#openings++;
        if (log.leftAt === undefined) this.#changed(log.openedAt);
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

  /** The client has written a message to the server. */
  #sent({ subscriptions }: SocketLog, text: string): void {
    const { a, v } = JSON.parse(text) as { a: string; v: unknown };
    if (a !== 'subscribe' && a !== 'unsubscribe') return;
    const tokens = new Set(v as number[]);
    subscriptions.push({ at: this.#times.trueNow(), tokens, isSubscribed: a === 'subscribe' });
  }

  /** What comes after the client has left is nothing to it. */
  #data(log: SocketLog): void {
    const wall = this.look();
    if (log.leftAt !== undefined) return;
    this.#messages++;
    const now = this.#times.trueNow();
    const flowedAt = log.lastDataAt ?? log.openedAt ?? now;
    if (now - flowedAt > SILENCE_MS) log.silences.push({ from: flowedAt, to: now });
    log.lastDataWall = wall;
    log.lastDataAt = now;
  }

  #note({ arrivals, upToAt, leftAt }: SocketLog, packets: number): void {
    const upTo = (arrivals.at(-1)?.upTo ?? 0) + packets;
    const wall = this.#times.wallNow();
    const at = this.#times.trueNow();
    arrivals.push({ wall, at, first: this.#packets + 1, upTo, isOwed: leftAt === undefined });
    this.#packets += packets;
    if (leftAt === undefined) this.#owedPackets += packets;
    upToAt.set(wall, upTo);
    const came = this.#cameAt.get(wall);
    if (!came) this.#cameAt.set(wall, [at]);
    else if (came.at(-1) !== at) came.push(at);
  }

  #changed(at: number): void {
    this.lastChangeAt = at;
    this.openCounts.push({ at, open: this.open.length });
  }

  #left(log: SocketLog): void {
    if (log.leftAt !== undefined) return;
    log.leftAt = this.#times.trueNow();
    if (log.openedAt !== undefined) this.#changed(log.leftAt);
  }
}
