import type { NetworkOptions } from './network.js';

/** What a socket is opened with. */
export interface TransportRequest {
  /** Its query has the credentials: never show it. */
  url: string;
  /** Headers of the handshake, besides those of WebSocket itself. */
  headers: Readonly<Record<string, string>>;
  /** A larger message ends the connection. */
  maxPayloadBytes: number;
  /** For the default transport: the way to the server, if options set it. */
  network?: NetworkOptions;
}

/** How a socket ended. */
export type SocketEnd =
  /**
   * The server answered the handshake with an HTTP status other than 101. A transport that can see them adds the
   * beginning of the body, 1 KiB at most, and the header `Retry-After` in milliseconds.
   */
  | { kind: 'refused'; status: number; body?: string; retryAfterMs?: number }
  /** Closed, with the close frame's code and reason; 1006 if there was none. `error` if something failed first. */
  | { kind: 'closed'; code: number; reason: string; error?: Error };

/** What a socket tells its owner. Calls begin only after the transport's `open()` has returned. */
export interface SocketListener {
  /** The handshake is done. */
  opened(): void;
  /** A binary message. The bytes are the listener's: the transport never writes to them again. */
  binary(bytes: Uint8Array): void;
  /** A text message. */
  text(text: string): void;
  /** Any other sign of life: a WebSocket ping or pong. */
  alive(): void;
  /** The answer to `ping()`. */
  pong(): void;
  /**
   * The server has begun to refuse the handshake; `ended` follows within a second. For a transport that reads the body:
   * a peer that stalls in the middle of it has said what it means.
   */
  refusing?(): void;
  /** Exactly once, and the last call. */
  ended(end: SocketEnd): void;
}

/** One WebSocket. */
export interface TransportSocket {
  /** Hands a text message to the socket; without effect once it has ended. */
  send(text: string): void;
  /** Sends a WebSocket ping, where the platform can. */
  ping(): void;
  /** Starts the closing handshake; `ended` follows, unless the peer is mute. */
  close(): void;
  /** Ends at once, without a word to the peer; `ended` may follow. */
  terminate(): void;
}

/** Where sockets come from: `ws` by default, a WHATWG WebSocket or an in-memory pair elsewhere. */
export interface Transport {
  /** Dials, and returns at once; the listener hears the outcome. */
  open(request: TransportRequest, listener: SocketListener): TransportSocket;
}
