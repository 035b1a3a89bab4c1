// The shape of `Transport` in @kite/connection, written down again. The simulator stands for the other end, works with any
// client, and may import @kite/protocol alone; sockets are none of that package's business, and no published declaration may
// name @kite/kit. The two cannot drift apart unseen: the trials and the examples give `day.options` to tickers and managers,
// and would not compile.

/** What a socket is opened with. */
export interface TransportRequest {
  /** With the credentials in its query. */
  readonly url: string;
  /** Of the handshake. */
  readonly headers: Readonly<Record<string, string>>;
  /** A larger message ends the connection. */
  readonly maxPayloadBytes: number;
}

/** How a socket ended. */
export type SocketEnd =
  | { kind: 'refused'; status: number; body: string }
  | { kind: 'closed'; code: number; reason: string; error?: Error };

/** What a socket tells its owner. */
export interface SocketListener {
  /** The handshake is done. */
  opened(): void;
  /** A binary message; its bytes are the listener's. */
  binary(bytes: Uint8Array): void;
  /** A text message. */
  text(text: string): void;
  /** A WebSocket ping of the server. */
  alive(): void;
  /** The answer to `ping()`. */
  pong(): void;
  /** Exactly once, and the last call. */
  ended(end: SocketEnd): void;
}

/** One WebSocket in memory. */
export interface TransportSocket {
  /** Sends a text message; without effect unless it is open. */
  send(text: string): void;
  /** Sends a WebSocket ping. */
  ping(): void;
  /** Starts the closing handshake. */
  close(): void;
  /** Ends at once, without a word to the server. */
  terminate(): void;
}

/** Where the sockets of a thread come from: fits the option `transport` of `KiteTicker` and of the managers. */
export interface VirtualTransport {
  /** Dials, and returns at once. */
  open(request: TransportRequest, listener: SocketListener): TransportSocket;
}
