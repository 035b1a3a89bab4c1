import type { ClientSocket } from './client-socket.js';
import type { Lane } from './lane.js';
import type { Pipe } from './pipe.js';
import type { Scheduler } from './scheduler.js';
import type { ServerSocket } from './server-socket.js';
import { wire } from './wire.js';

/** One connection: its two ends, and the two directions between them. */
export interface LinkParts {
  readonly scheduler: Scheduler;
  /** Where the server runs. */
  readonly outside: Lane;
  readonly client: ClientSocket;
  readonly server: ServerSocket;
  /** To the server. */
  readonly up: Pipe;
  /** To the client. */
  readonly down: Pipe;
}

/** A connection as the network sees it: what can happen to it on the way. */
export class Link {
  readonly #parts: LinkParts;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  get client(): ClientSocket {
    return this.#parts.client;
  }

  get server(): ServerSocket {
    return this.#parts.server;
  }

  /** What is under way is lost, and both ends are told at once. */
  cut(): void {
    const { scheduler, client, server, up, down, outside } = this.#parts;
    up.break();
    down.break();
    client.lane.at(scheduler.time, () => client.received(wire.reset));
    outside.at(scheduler.time, () => server.received(wire.reset));
  }

  /** Nothing gets through any more, and nobody is told. The server gives up after this long; undefined: never. */
  cutSilently(serverNoticesAfterMs: number | undefined): void {
    const { server, up, down } = this.#parts;
    up.break();
    down.break();
    if (serverNoticesAfterMs !== undefined) server.forgetAfter(serverNoticesAfterMs);
  }

  /** The server has forgotten the connection. The client finds out when it sends something. */
  halfOpen(): void {
    this.#parts.server.forget();
  }

  /** Nothing comes through before this time, and then all of it, in order. */
  clog(until: number, direction: 'up' | 'down' | 'both'): void {
    if (direction !== 'down') this.#parts.up.clog(until);
    if (direction !== 'up') this.#parts.down.clog(until);
  }

  /** The client reads no more than this until then. */
  slowReader(bytesPerSecond: number, until: number): void {
    this.#parts.down.slow(bytesPerSecond, until);
  }
}
