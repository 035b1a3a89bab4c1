/** What the server needs from a connection's transport. Never throws: what can no longer be sent is lost. */
export interface Peer {
  /** Sends one WebSocket message, binary or text, in this many fragments. */
  send(message: Uint8Array | string, fragments: number): void;
  /** Sends a WebSocket ping. */
  ping(): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends the connection at once, with a TCP reset over TCP. */
  terminate(): void;
  /** From now on ignores whatever arrives, pings and closing handshakes included. */
  goMute(): void;
  /** Bytes sent that the other side has not taken yet. */
  readonly bufferedBytes: number;
}
