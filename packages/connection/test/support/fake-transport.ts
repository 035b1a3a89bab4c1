import type { SocketListener, Transport, TransportRequest, TransportSocket } from '@kite/connection';

/** A socket whose peer is the test. It hangs until the test says otherwise. */
export class FakeSocket implements TransportSocket {
  readonly request: TransportRequest;
  /** Called directly, it plays a transport whose callbacks come late. */
  readonly listener: SocketListener;
  readonly sent: string[] = [];
  pings = 0;
  /** A mute peer never answers a close frame. */
  isMute = false;
  isClosing = false;
  isTerminated = false;
  #hasEnded = false;

  constructor(request: TransportRequest, listener: SocketListener) {
    this.request = request;
    this.listener = listener;
  }

  /** The requests that it got, parsed. */
  get requests(): unknown[] {
    return this.sent.map((text) => JSON.parse(text) as unknown);
  }

  get query(): URLSearchParams {
    return new URL(this.request.url).searchParams;
  }

  open(): void {
    this.listener.opened();
  }

  refuse(status: number): void {
    this.#hasEnded = true;
    this.listener.ended({ kind: 'refused', status });
  }

  /** The peer, or the network, ends it; with an `error` as real sockets have before they close. */
  drop(code = 1006, reason = '', error?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.listener.ended({ kind: 'closed', code, reason, ...(error && { error }) });
  }

  binary(bytes: Uint8Array): void {
    this.listener.binary(bytes);
  }

  text(data: unknown): void {
    this.listener.text(typeof data === 'string' ? data : JSON.stringify(data));
  }

  heartbeat(): void {
    this.binary(Uint8Array.of(0));
  }

  send(text: string): void {
    this.sent.push(text);
  }

  ping(): void {
    this.pings++;
  }

  close(): void {
    this.isClosing = true;
    if (!this.isMute) queueMicrotask(() => this.drop(1000));
  }

  terminate(): void {
    this.isTerminated = true;
    // As `ws` does: the end is told later.
    queueMicrotask(() => this.drop());
  }
}

/** A network in which every peer is the test. */
export class FakeTransport implements Transport {
  readonly sockets: FakeSocket[] = [];
  /** What happens to each new socket, by itself. */
  onDial: (socket: FakeSocket) => void = () => undefined;

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nothing was dialled');
    return socket;
  }

  open(request: TransportRequest, listener: SocketListener): TransportSocket {
    const socket = new FakeSocket(request, listener);
    this.sockets.push(socket);
    queueMicrotask(() => {
      this.onDial(socket);
    });
    return socket;
  }
}
