import type { ManagerStats } from '@kite/manager';

/** What one account has done since it was added: the stats of its manager. Plain and JSON-safe. */
export interface ApiKeyStats extends ManagerStats {
  /** The account's id. */
  apiKeyId: string;
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
