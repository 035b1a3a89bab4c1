import { Chunks } from '../server/chunks.js';
import type { KiteServer } from '../server/kite-server.js';
import { ClientSocket } from './client-socket.js';
import type { Delays } from './delay.js';
import type { Lane } from './lane.js';
import { Link } from './link.js';
import { Pipe } from './pipe.js';
import type { Scheduler } from './scheduler.js';
import { ServerSocket } from './server-socket.js';
import { streamOf } from './streams.js';
import type { Trace } from './trace.js';
import type { SocketListener, TransportRequest, TransportSocket, VirtualTransport } from './transport.js';

/** The parts of a network. */
export interface NetworkParts {
  readonly scheduler: Scheduler;
  /** The lane of the servers. */
  readonly outside: Lane;
  readonly trace: Trace;
  readonly seed: number;
  readonly options: Delays;
}

/** The network between the client's threads and the servers. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #chunks = new Chunks();
  readonly #hosts = new Map<string, KiteServer>();
  readonly #links = new Set<Link>();
  /** Links with an open client end. */
  readonly #sockets = new Set<Link>();
  readonly #cloggedUntil = { up: 0, down: 0 };
  #lastId = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** Connections known to either end. */
  get links(): readonly Link[] {
    return [...this.#links];
  }

  /** The client's sockets that have not ended. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Makes the host reachable. */
  listen(host: string, core: KiteServer): void {
    this.#hosts.set(host, core);
  }

  /** Stops listening there and ends the host's connections. */
  close(host: string): void {
    const core = this.#hosts.get(host);
    this.#hosts.delete(host);
    if (core !== undefined) for (const { server } of this.links) if (server.core === core) server.destroy();
  }

  /** The transport for a thread's sockets. */
  transportOf(lane: Lane): VirtualTransport {
    return { open: (request, listener) => this.#dial(lane, request, listener) };
  }

  /** The thread has ended, and its sockets with it. */
  endThread(lane: Lane): void {
    for (const link of this.#sockets) if (link.client.lane === lane) link.client.vanish();
  }

  /** Clogs every connection, including new ones. */
  clog(until: number, direction: 'up' | 'down' | 'both'): void {
    const clogged = this.#cloggedUntil;
    if (direction !== 'down') clogged.up = Math.max(clogged.up, until);
    if (direction !== 'up') clogged.down = Math.max(clogged.down, until);
    for (const link of this.#links) link.clog(until, direction);
  }

  #dial(lane: Lane, request: TransportRequest, listener: SocketListener): TransportSocket {
    const { scheduler, outside, trace, seed, options } = this.#parts;
    const id = ++this.#lastId;
    const { host, target } = placeOf(request.url);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const up = new Pipe(scheduler, outside, streamOf(seed, 'link', 2 * id), options, (message) =>
      server.received(message),
    );
    const down = new Pipe(scheduler, lane, streamOf(seed, 'link', 2 * id + 1), options, (message) =>
      client.received(message),
    );
    up.clog(this.#cloggedUntil.up);
    down.clog(this.#cloggedUntil.down);
    const over = () => {
      if (client.isOver) this.#sockets.delete(link);
      if (client.isOver && server.isOver) this.#links.delete(link);
    };
    const server: ServerSocket = new ServerSocket(
      {
        scheduler,
        lane: outside,
        trace,
        id,
        request: { target, headers },
        chunks: this.#chunks,
        coreNow: () => this.#hosts.get(host),
        over,
      },
      down,
    );
    const client: ClientSocket = new ClientSocket(
      { scheduler, lane, trace, id, request, listener, over },
      up,
    );
    const link = new Link({ scheduler, outside, client, server, up, down });
    this.#links.add(link);
    this.#sockets.add(link);
    return client;
  }
}

function placeOf(url: string): { host: string; target: string } {
  if (!URL.canParse(url)) return { host: '', target: '' };
  const { host, pathname, search } = new URL(url);
  return { host, target: pathname + search };
}
