/** What the server needs of a connection's transport. It never throws: what cannot be sent any more is lost. */
export interface Peer {
  /** One WebSocket message, binary or text, in so many fragments. */
  send(message: Uint8Array | string, fragments: number): void;
  /** A WebSocket ping. */
  ping(): void;
  /** The closing handshake. */
  close(code: number, reason: string): void;
  /** The connection is gone at once: a TCP reset where there is TCP. */
  terminate(): void;
  /** From now on whatever arrives is swallowed and nothing is answered, pings and closing handshakes included. */
  goMute(): void;
  /** Bytes that were sent and that the other side has not yet taken. */
  readonly bufferedBytes: number;
}
