import type { ConnectionStats } from '@kite/connection';

/** What one account has done since it was added. Plain and JSON-safe. */
export interface ApiKeyStats {
  /** The account's id. */
  apiKeyId: string;
  /** Open connections. */
  activeConnections: number;
  /** Instruments that it holds. */
  totalSymbols: number;
  /** WebSocket messages, binary and text, heartbeats included. */
  totalMessagesReceived: number;
  /** Messages that were decoded or parsed for a reader. */
  totalMessagesParsed: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  totalErrors: number;
  /** One for each of its connections. */
  connectionStats: ConnectionStats[];
}

/** What all accounts have done together. Plain and JSON-safe. */
export interface MultiApiStats {
  /** Accounts. */
  totalApiKeys: number;
  /** Open connections. */
  totalConnections: number;
  /** Instruments subscribed, each once, on however many accounts. */
  totalSymbols: number;
  /** WebSocket messages of the present accounts, heartbeats included. */
  totalMessagesReceived: number;
  /** Messages that were decoded or parsed for a reader. */
  totalMessagesParsed: number;
  /** Those of the accounts, and the failures of listeners over all of them. */
  totalErrors: number;
  /** Milliseconds since the start; 0 while stopped. */
  uptimeMs: number;
  /** One for each account. */
  perApiStats: ApiKeyStats[];
}

/** The figures of all accounts together; `listenerErrors`: how often a listener over all accounts has failed. */
export function totalStats(
  perApiStats: ApiKeyStats[],
  {
    totalSymbols,
    listenerErrors,
    uptimeMs,
  }: { totalSymbols: number; listenerErrors: number; uptimeMs: number },
): MultiApiStats {
  const total = (
    figure: 'activeConnections' | 'totalMessagesReceived' | 'totalMessagesParsed' | 'totalErrors',
  ): number => perApiStats.reduce((sum, stats) => sum + stats[figure], 0);
  return {
    totalApiKeys: perApiStats.length,
    totalConnections: total('activeConnections'),
    totalSymbols,
    totalMessagesReceived: total('totalMessagesReceived'),
    totalMessagesParsed: total('totalMessagesParsed'),
    totalErrors: total('totalErrors') + listenerErrors,
    uptimeMs,
    perApiStats,
  };
}
