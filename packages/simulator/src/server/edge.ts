/** The reachable side of a server: passes handshakes and connections to the rules. */
export interface Edge {
  /** Ends with `/`, like the real one. */
  readonly url: string;
  /** The same place over HTTP, without a `/` at the end. */
  readonly httpUrl: string;
  /** Listens; again after {@link close}, at the same address. @throws KiteError `KITE_SIMULATOR_LISTEN_FAILED` */
  listen(): Promise<void>;
  /** Stops listening and ends every connection. Idempotent. */
  close(): Promise<void>;
}
