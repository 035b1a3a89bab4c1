import type { SocketListener, Transport, TransportRequest, TransportSocket } from '@kite/connection';
import { type Clock, encodeFrame, PACKETS } from '@kite/protocol';

const HANDSHAKE_MS = 20;

/** What becomes of a handshake. */
export type Answer = 'accept' | 'never' | 'drop' | { status: number; body?: string };

/** The server's end of one socket. */
export class FakePeer implements TransportSocket {
  /** What it was dialled with. */
  readonly apiKey: string;
  readonly accessToken: string;
  /** What it was asked, in words and in order. */
  readonly requests: string[] = [];
  isOpen = false;
  /** The client has let it go. */
  isTerminated = false;
  /** It answers no close frame. */
  isMute = false;
  readonly #clock: Clock;
  readonly #listener: SocketListener;

  constructor(clock: Clock, { url }: TransportRequest, listener: SocketListener, answer: () => Answer) {
    const { searchParams } = new URL(url);
    this.apiKey = searchParams.get('api_key') ?? '';
    this.accessToken = searchParams.get('access_token') ?? '';
    this.#clock = clock;
    this.#listener = listener;
    clock.setTimeout(() => {
      if (!this.isTerminated) this.#answer(answer());
    }, HANDSHAKE_MS);
  }

  /** Sends a frame with the price of one instrument. */
  tick(instrumentToken: number, lastPrice: number): void {
    const packet = Buffer.alloc(PACKETS.ltp.length);
    packet.writeUInt32BE(instrumentToken, 0);
    packet.writeUInt32BE(lastPrice * 100, 4);
    this.frame(encodeFrame([packet]));
  }

  heartbeat(): void {
    this.frame(Uint8Array.of(0));
  }

  frame(bytes: Uint8Array): void {
    this.#listener.binary(bytes);
  }

  text(text: string): void {
    this.#listener.text(text);
  }

  /** Lets in those that have waited for an answer. */
  accept(): void {
    this.#answer('accept');
  }

  /** The network breaks; with another code, the server has said that it closes. */
  drop(code = 1006): void {
    if (this.isTerminated) return;
    this.terminate();
    this.#listener.ended({ kind: 'closed', code, reason: '' });
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
    if (this.isMute) return;
    this.#clock.setTimeout(() => {
      if (this.isTerminated) return;
      this.terminate();
      this.#listener.ended({ kind: 'closed', code: 1000, reason: '' });
    }, 1);
  }

  terminate(): void {
    this.isOpen = false;
    this.isTerminated = true;
  }

  #answer(answer: Answer): void {
    if (answer === 'never') return;
    if (answer === 'accept') {
      this.isOpen = true;
      this.#listener.opened();
      return;
    }
    if (answer === 'drop') {
      this.drop();
      return;
    }
    this.terminate();
    this.#listener.ended({ kind: 'refused', ...answer });
  }
}

/** A server that lets everybody in unless it is told otherwise, and sends what the test tells it to. */
export class FakeMarket implements Transport {
  readonly peers: FakePeer[] = [];
  /** What becomes of the next handshakes. */
  answer: (peer: FakePeer) => Answer = () => 'accept';
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the order in which they came. */
  get connected(): FakePeer[] {
    return this.peers.filter(({ isOpen }) => isOpen);
  }

  open(request: TransportRequest, listener: SocketListener): TransportSocket {
    const peer: FakePeer = new FakePeer(this.#clock, request, listener, () => this.answer(peer));
    this.peers.push(peer);
    return peer;
  }
}
