import type { SocketListener, Transport, TransportRequest, TransportSocket } from '@kite/connection';
import { type Clock, encodeFrame, PACKETS } from '@kite/protocol';

const HANDSHAKE_MS = 20;

/** The server's end of one socket. */
export class FakePeer implements TransportSocket {
  /** What it was asked, in words and in order. */
  readonly requests: string[] = [];
  isOpen = false;
  readonly #clock: Clock;
  readonly #listener: SocketListener;

  constructor(clock: Clock, listener: SocketListener) {
    this.#clock = clock;
    this.#listener = listener;
    clock.setTimeout(() => {
      this.isOpen = true;
      listener.opened();
    }, HANDSHAKE_MS);
  }

  /** Sends a frame with the price of one instrument. */
  tick(instrumentToken: number, lastPrice: number): void {
    const packet = Buffer.alloc(PACKETS.ltp.length);
    packet.writeUInt32BE(instrumentToken, 0);
    packet.writeUInt32BE(lastPrice * 100, 4);
    this.#listener.binary(encodeFrame([packet]));
  }

  send(text: string): void {
    const { a: action, v: value } = JSON.parse(text) as { a: string; v: unknown };
    this.requests.push(`${action} ${JSON.stringify(value)}`);
  }

  ping(): void {
    this.#clock.setTimeout(() => {
      this.#listener.pong();
    }, 1);
  }

  close(): void {
    this.#clock.setTimeout(() => {
      this.terminate();
      this.#listener.ended({ kind: 'closed', code: 1000, reason: '' });
    }, 1);
  }

  terminate(): void {
    this.isOpen = false;
  }
}

/** A server that lets everybody in, and sends what the test tells it to. */
export class FakeMarket implements Transport {
  readonly peers: FakePeer[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the order in which they came. */
  get connected(): FakePeer[] {
    return this.peers.filter(({ isOpen }) => isOpen);
  }

  open(_request: TransportRequest, listener: SocketListener): TransportSocket {
    const peer = new FakePeer(this.#clock, listener);
    this.peers.push(peer);
    return peer;
  }
}
