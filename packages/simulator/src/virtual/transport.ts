// A copy of `Transport` in @kite/connection. The simulator works with any client and may import only @kite/protocol,
// which has nothing to do with sockets, and no published declaration may name @kite/kit. The copies cannot drift apart
// unnoticed: the trials and examples give `day.options` to tickers and managers and would no longer compile.

/** What a socket is opened with. */
export interface TransportRequest {
  /** The address, with the credentials in its query. */
  readonly url: string;
  /** The handshake's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** A larger message ends the connection. */
  readonly maxPayloadBytes: number;
}

/** How a socket ended. */
export type SocketEnd =
  | { kind: 'refused'; status: number; body: string }
  | { kind: 'closed'; code: number; reason: string; error?: Error };

/** What a socket reports to its owner. */
export interface SocketListener {
  /** The handshake is done. */
  opened(): void;
  /** A binary message; the listener owns its bytes. */
  binary(bytes: Uint8Array): void;
  /** A text message. */
  text(text: string): void;
  /** A WebSocket ping from the server. */
  alive(): void;
  /** The answer to `ping()`. */
  pong(): void;
  /** The last call, exactly once. */
  ended(end: SocketEnd): void;
}

/** One WebSocket in memory. */
export interface TransportSocket {
  /** Sends a text message; no effect unless the socket is open. */
  send(text: string): void;
  /** Sends a WebSocket ping. */
  ping(): void;
  /** Starts the closing handshake. */
  close(): void;
  /** Ends at once, without telling the server. */
  terminate(): void;
}

/** Opens the sockets of a thread: fits the option `transport` of `KiteTicker` and of the managers. */
export interface VirtualTransport {
  /** Dials; returns at once. */
  open(request: TransportRequest, listener: SocketListener): TransportSocket;
}
