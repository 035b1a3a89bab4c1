import type { Edge } from '../server/edge.js';
import type { KiteServer } from '../server/kite-server.js';
import type { Network } from './network.js';

/** The server's rules on a host of a virtual network. */
export class MemoryEdge implements Edge {
  readonly #core: KiteServer;
  readonly #network: Network;
  readonly #host: string;

  constructor(core: KiteServer, network: Network, host: string) {
    this.#core = core;
    this.#network = network;
    this.#host = host;
  }

  get url(): string {
    return `wss://${this.#host}/`;
  }

  get httpUrl(): string {
    return `https://${this.#host}`;
  }

  listen(): Promise<void> {
    this.#network.listen(this.#host, this.#core);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#network.close(this.#host);
    return Promise.resolve();
  }
}
