import type { ConnectionStats } from '@kite/connection';

/** What a manager has done since it was made. Plain and JSON-safe. */
export interface ManagerStats {
  /** Instruments subscribed. */
  totalSymbols: number;
  /** Open connections. */
  activeConnections: number;
  /** WebSocket messages, binary and text, heartbeats included. */
  totalMessagesReceived: number;
  /** Messages that were decoded or parsed for a reader. */
  totalMessagesParsed: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  totalErrors: number;
  /** Milliseconds since the start; 0 while stopped. */
  uptimeMs: number;
  /** Where the connections run: in an I/O worker, or in the manager's thread. While stopped: where they will run. */
  isolation: 'worker' | 'inline';
  /** One for each connection, open or not. */
  connectionStats: ConnectionStats[];
}
