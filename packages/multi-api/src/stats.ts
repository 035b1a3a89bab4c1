import type { ConnectionStats } from '@kite/manager';

/** What one account has done since it was added. Plain and JSON-safe. */
export interface ApiKeyStats {
  apiKeyId: string;
  /** Open connections. */
  activeConnections: number;
  /** Instruments that it holds. */
  totalSymbols: number;
  /** WebSocket messages, binary and text, heartbeats included. */
  totalMessagesReceived: number;
  /** Messages that were decoded or parsed, because somebody asked. */
  totalMessagesParsed: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  totalErrors: number;
  connectionStats: ConnectionStats[];
}

/** What all accounts have done together. Plain and JSON-safe. */
export interface MultiApiStats {
  totalApiKeys: number;
  /** Open connections. */
  totalConnections: number;
  /** Instruments subscribed, each once, on however many accounts. */
  totalSymbols: number;
  totalMessagesReceived: number;
  totalMessagesParsed: number;
  totalErrors: number;
  /** Milliseconds since the start; 0 while stopped. */
  uptimeMs: number;
  perApiStats: ApiKeyStats[];
}
