import type {
  Clock,
  SocketEnd,
  SocketListener,
  Transport,
  TransportRequest,
  TransportSocket,
} from '@kite/connection';

import type { ContractPeer, ContractServer } from './transport-contract.js';

/**
 * Sockets without a network: a transport and its servers in one process, on one clock. Everything takes `latencyMs` and
 * keeps its order, so that a whole day of connections runs in no time and always in the same way.
 */
export class MemoryNetwork implements Transport {
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #servers = new Map<string, MemoryServer>();

  constructor(clock: Clock, latencyMs = 1) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** A server that is reached under this host name. */
  listen(host: string): MemoryServer {
    const server = new MemoryServer(host, () => this.#servers.delete(host));
    this.#servers.set(host, server);
    return server;
  }

  open(request: TransportRequest, listener: SocketListener): TransportSocket {
    return new MemorySocket(this, request, listener);
  }

  find(host: string): MemoryServer | undefined {
    return this.#servers.get(host);
  }

  /** Lets a word travel. */
  carry(word: () => void): void {
    this.#clock.setTimeout(word, this.#latencyMs);
  }
}

/** Who answers in a {@link MemoryNetwork}. */
export class MemoryServer implements ContractServer {
  readonly url: string;
  readonly deadUrl = 'ws://nobody.localhost/';
  answer: ContractServer['answer'] = 'accept';
  readonly peers: MemoryPeer[] = [];
  readonly requests: { target: string; headers: Record<string, string> }[] = [];
  /** Told of each new connection. */
  onPeer: (peer: MemoryPeer) => void = () => undefined;
  readonly #leave: () => void;

  constructor(host: string, leave: () => void) {
    this.url = `ws://${host}/`;
    this.#leave = leave;
  }

  async stop(): Promise<void> {
    this.#leave();
    for (const peer of this.peers) peer.drop();
  }
}

/** The server's end of a {@link MemorySocket}. */
export class MemoryPeer implements ContractPeer {
  readonly #network: MemoryNetwork;
  readonly #socket: MemorySocket;
  readonly received: string[] = [];
  pings = 0;
  closeCode: number | undefined;
  /** Told of each text. */
  onText: (text: string) => void = () => undefined;
  #isMute = false;

  constructor(network: MemoryNetwork, socket: MemorySocket) {
    this.#network = network;
    this.#socket = socket;
  }

  sendBinary(bytes: Uint8Array): void {
    const own = bytes.slice();
    this.#say((socket) => socket.arrived(own));
  }
  sendText(text: string): void {
    this.#say((socket) => socket.arrived(text));
  }
  ping(): void {
    this.#say((socket) => socket.pinged());
  }
  close(code: number, reason: string): void {
    this.#say((socket) => socket.end({ kind: 'closed', code, reason }));
    this.closeCode ??= code;
  }
  drop(): void {
    this.close(1006, '');
  }
  goMute(): void {
    this.#isMute = true;
  }

  heard(text: string): void {
    if (this.#isMute || this.closeCode !== undefined) return;
    this.received.push(text);
    this.onText(text);
  }
  pinged(): void {
    this.pings++;
    this.#say((socket) => socket.ponged());
  }
  /** The client closes; a peer that is not mute answers. */
  closedBy(code: number): void {
    if (!this.#isMute) this.close(code, '');
  }
  gone(): void {
    this.closeCode ??= 1006;
  }

  #say(word: (socket: MemorySocket) => void): void {
    if (this.#isMute || this.closeCode !== undefined) return;
    this.#network.carry(() => {
      word(this.#socket);
    });
  }
}

class MemorySocket implements TransportSocket {
  readonly #network: MemoryNetwork;
  readonly #request: TransportRequest;
  readonly #listener: SocketListener;
  #peer: MemoryPeer | undefined;
  #isClosing = false;
  #isOver = false;

  constructor(network: MemoryNetwork, request: TransportRequest, listener: SocketListener) {
    this.#network = network;
    this.#request = request;
    this.#listener = listener;
    network.carry(() => {
      if (!this.#isOver) this.#dial();
    });
  }

  send(text: string): void {
    if (!this.#isClosing) this.#tell((peer) => peer.heard(text));
  }
  ping(): void {
    this.#tell((peer) => peer.pinged());
  }
  close(): void {
    if (!this.#peer) this.end(ended(new Error('closed before the connection was established')));
    if (this.#isClosing || this.#isOver) return;
    this.#isClosing = true;
    this.#tell((peer) => peer.closedBy(1000));
  }
  terminate(): void {
    if (this.#isOver) return;
    this.#tell((peer) => peer.gone());
    this.#isOver = true;
  }

  arrived(message: Uint8Array | string): void {
    if (this.#isOver) return;
    const size = typeof message === 'string' ? new TextEncoder().encode(message).length : message.length;
    if (size > this.#request.maxPayloadBytes) {
      this.#tell((peer) => peer.gone());
      this.end(ended(new RangeError('the message is too large')));
    } else if (typeof message === 'string') this.#listener.text(message);
    else this.#listener.binary(message);
  }
  pinged(): void {
    if (!this.#isOver) this.#listener.alive();
  }
  ponged(): void {
    if (!this.#isOver) this.#listener.pong();
  }
  end(end: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.ended(end);
  }

  #dial(): void {
    const { host, pathname, search } = new URL(this.#request.url);
    const server = this.#network.find(host);
    if (!server) {
      this.end(ended(new Error('nobody listens there')));
      return;
    }
    const headers = Object.entries(this.#request.headers).map(([name, value]) => [name.toLowerCase(), value]);
    server.requests.push({
      target: pathname + search,
      headers: Object.fromEntries(headers) as Record<string, string>,
    });
    if (typeof server.answer === 'number') this.end({ kind: 'refused', status: server.answer });
    if (server.answer !== 'accept') return;
    this.#peer = new MemoryPeer(this.#network, this);
    server.peers.push(this.#peer);
    this.#listener.opened();
    server.onPeer(this.#peer);
  }

  #tell(word: (peer: MemoryPeer) => void): void {
    const peer = this.#peer;
    if (!peer || this.#isOver) return;
    this.#network.carry(() => {
      word(peer);
    });
  }
}

function ended(error: Error): SocketEnd {
  return { kind: 'closed', code: 1006, reason: '', error };
}
