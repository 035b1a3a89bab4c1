import type { ChannelId, ConnectionStats } from '@kite/connection';
import { counted } from '@kite/kit';

/** A manager's state in one object. Plain and JSON-safe. */
export interface HealthSummary {
  /** `healthy`: all is well; `degraded`: something is wrong, and data flows; `critical`: no connection is open. */
  status: 'healthy' | 'degraded' | 'critical';
  /** Open connections, of all, in percent. */
  healthPercentage: number;
  /** Connections that are open. */
  healthyConnections: number;
  /** Those that are not. */
  unhealthyConnections: ChannelId[];
  /** Instruments subscribed. */
  totalSymbols: number;
  /** Instruments whose connection is down while no other has room. */
  unplacedSymbols: number;
  /** WebSocket messages since the manager was made, heartbeats included. */
  totalMessages: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  totalErrors: number;
  /** Connections on which something arrived within the liveness threshold. */
  activeMessageFlows: number;
  /** Milliseconds since the start; 0 while stopped. */
  uptimeMs: number;
  /** What is wrong, in words; empty when healthy. */
  reasons: string[];
}

/** What health is judged by. */
export interface HealthFacts {
  connections: readonly ConnectionStats[];
  /** Why a connection is not open, where that is known. */
  troubles: ReadonlyMap<ChannelId, string>;
  totalSymbols: number;
  unplacedSymbols: number;
  livenessThresholdMs: number;
  uptimeMs: number;
}

/** Judges a manager's health. Pure. */
export function assessHealth(facts: HealthFacts): HealthSummary {
  const { connections, troubles, totalSymbols, unplacedSymbols } = facts;
  const unhealthy = connections.filter((connection) => !connection.isConnected);
  const healthyConnections = connections.length - unhealthy.length;
  const reasons = unhealthy.map(({ connectionId, state }) => {
    const trouble = troubles.get(connectionId);
    return `connection ${connectionId + 1} is ${state}${trouble === undefined ? '' : `: ${trouble}`}`;
  });
  for (const connection of connections) {
    const silentMs = silenceOf(connection);
    if (silentMs <= facts.livenessThresholdMs) continue;
    reasons.push(
      `connection ${connection.connectionId + 1} is open, and nothing has arrived for ${Math.round(silentMs)} ms`,
    );
  }
  if (unplacedSymbols > 0) reasons.push(unplacedReason(unplacedSymbols));
  return {
    status: healthyConnections === 0 ? 'critical' : reasons.length > 0 ? 'degraded' : 'healthy',
    healthPercentage: (healthyConnections / connections.length) * 100,
    healthyConnections,
    unhealthyConnections: unhealthy.map(({ connectionId }) => connectionId),
    totalSymbols,
    unplacedSymbols,
    totalMessages: sum(connections, 'messagesReceived'),
    totalErrors: sum(connections, 'errorsCount'),
    activeMessageFlows: connections.filter((connection) => isFlowing(connection, facts.livenessThresholdMs))
      .length,
    uptimeMs: facts.uptimeMs,
    reasons,
  };
}

/**
 * The reason in words, for so many instruments.
 */
export function unplacedReason(count: number): string {
  return `${counted(count, 'instrument is', 'instruments are')} unplaced`;
}

/** The total of one figure over all connections. */
export function sum(
  connections: readonly ConnectionStats[],
  figure: 'messagesReceived' | 'messagesParsed' | 'errorsCount',
): number {
  return connections.reduce((total, connection) => total + connection[figure], 0);
}

function isFlowing({ isConnected, lastFrameAgeMs }: ConnectionStats, thresholdMs: number): boolean {
  return isConnected && lastFrameAgeMs !== null && lastFrameAgeMs <= thresholdMs;
}

/** For how long nothing has arrived over an open connection, its opening counted as something. */
function silenceOf({ lastFrameAgeMs, connectionUptimeMs }: ConnectionStats): number {
  if (connectionUptimeMs === null) return 0;
  return Math.min(lastFrameAgeMs ?? Infinity, connectionUptimeMs);
}
