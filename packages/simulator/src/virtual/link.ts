import type { ClientSocket } from './client-socket.js';
import type { Lane } from './lane.js';
import type { Pipe } from './pipe.js';
import type { Scheduler } from './scheduler.js';
import type { ServerSocket } from './server-socket.js';
import { wire } from './wire.js';

/** One connection: its two ends and the two directions between them. */
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

/** A connection as the network sees it, with what can happen on the way. */
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

  /** Loses what is under way and tells both ends at once. */
  cut(): void {
    const { scheduler, client, server, up, down, outside } = this.#parts;
    up.break();
    down.break();
    client.lane.at(scheduler.time, () => client.received(wire.reset));
    outside.at(scheduler.time, () => server.received(wire.reset));
  }

  /** Lets nothing through any more and tells neither end. The server gives up after this long; undefined: never. */
  cutSilently(serverNoticesAfterMs: number | undefined): void {
    const { server, up, down } = this.#parts;
    up.break();
    down.break();
    if (serverNoticesAfterMs !== undefined) server.forgetAfter(serverNoticesAfterMs);
  }

  /** Makes the server forget the connection. The client notices when it sends something. */
  halfOpen(): void {
    this.#parts.server.forget();
  }

  /** Lets nothing through before this time, then everything, in order. */
  clog(until: number, direction: 'up' | 'down' | 'both'): void {
    if (direction !== 'down') this.#parts.up.clog(until);
    if (direction !== 'up') this.#parts.down.clog(until);
  }

  /** Limits the client's reading until this time. */
  slowReader(bytesPerSecond: number, until: number): void {
    this.#parts.down.slow(bytesPerSecond, until);
  }
}
