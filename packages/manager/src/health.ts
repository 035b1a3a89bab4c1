import type { ChannelId, ConnectionStats } from '@kite/connection';
import { counted, groupBy, listed } from '@kite/kit';

import type { Isolation } from './link.js';

/** A manager's state in one object. Plain and JSON-safe. */
export interface HealthSummary {
  /** `healthy`: all is well; `degraded`: something is wrong, but data flows; `critical`: no connection is open. */
  status: 'healthy' | 'degraded' | 'critical';
  /** Share of connections that are open, in percent. */
  healthPercentage: number;
  /** Connections that are open. */
  healthyConnections: number;
  /** Connections that are not open. */
  unhealthyConnections: ChannelId[];
  /** Instruments subscribed. */
  totalSymbols: number;
  /** Instruments whose connection has given up while no other has room. */
  unplacedSymbols: number;
  /** Instruments that no connection streams. */
  darkSymbols: number;
  /** WebSocket messages since the manager was made, heartbeats included. */
  totalMessages: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  totalErrors: number;
  /** Connections on which something arrived within the liveness threshold. */
  activeMessageFlows: number;
  /** Milliseconds since the start; 0 while stopped. */
  uptimeMs: number;
  /** Where the connections run: in an I/O worker, or in the manager's thread. While stopped: where they will run. */
  isolation: 'worker' | 'inline';
  /** What is wrong, in words; empty when healthy. */
  reasons: string[];
}

/** A channel that is full and was not read for this long is a health reason, in milliseconds. */
export const STUCK_AFTER_MS = 10_000;

/** A listener that failed is a health reason for this long, in milliseconds. */
export const LISTENER_FAILED_MS = 60_000;

/** A reason names at most this many instruments. */
const NAMED = 5;

/** What health is judged by. */
export interface HealthFacts {
  connections: readonly ConnectionStats[];
  /** Why a connection is not open, where that is known. */
  troubles: ReadonlyMap<ChannelId, string>;
  totalSymbols: number;
  unplacedSymbols: number;
  darkSymbols: number;
  /** The instrument names that these two reasons show after their counts. */
  unplacedNames?: string;
  darkNames?: string;
  /** Open connections that report silence. */
  silentConnections: readonly ChannelId[];
  /** Connections that stream and have answered no subscription. */
  muteConnections: readonly ChannelId[];
  /** Events whose listeners failed within the last minute. */
  failedListeners: readonly string[];
  /** The kinds of channels that are full and not read. */
  stuckChannels: readonly string[];
  livenessThresholdMs: number;
  uptimeMs: number;
  isolation: Isolation;
  /** What is wrong with the I/O workers, in words. */
  workerTroubles: readonly string[];
}

/** Judges a manager's health. Pure. */
export function assessHealth(facts: HealthFacts): HealthSummary {
  const { connections, troubles, totalSymbols, unplacedSymbols, darkSymbols } = facts;
  const unhealthy = connections.filter((connection) => !connection.isConnected);
  const healthyConnections = connections.length - unhealthy.length;
  const reasons = downReasons(unhealthy, troubles);
  for (const channelId of facts.silentConnections)
    reasons.push(`connection ${channelId + 1} is open, and nothing arrives over it`);
  for (const channelId of facts.muteConnections)
    reasons.push(`connection ${channelId + 1} is open, and has answered no subscription`);
  reasons.push(...facts.failedListeners.map(listenerReason));
  reasons.push(...facts.stuckChannels.map(stuckReason));
  if (darkSymbols > 0) reasons.push(darkReason(darkSymbols, facts.darkNames));
  reasons.push(...facts.workerTroubles);
  if (unplacedSymbols > 0) reasons.push(unplacedReason(unplacedSymbols, facts.unplacedNames));
  return {
    status: healthyConnections === 0 ? 'critical' : reasons.length > 0 ? 'degraded' : 'healthy',
    healthPercentage: (healthyConnections / connections.length) * 100,
    healthyConnections,
    unhealthyConnections: unhealthy.map(({ connectionId }) => connectionId),
    totalSymbols,
    unplacedSymbols,
    darkSymbols,
    totalMessages: sum(connections, 'messagesReceived'),
    totalErrors: sum(connections, 'errorsCount'),
    activeMessageFlows: connections.filter((connection) => isFlowing(connection, facts.livenessThresholdMs))
      .length,
    uptimeMs: facts.uptimeMs,
    isolation: facts.isolation,
    reasons,
  };
}

/** Which connections are down and why. A shared reason is given once: a refused token appears once, not three times. */
function downReasons(down: readonly ConnectionStats[], troubles: ReadonlyMap<ChannelId, string>): string[] {
  const what = ({ connectionId, state }: ConnectionStats): string => {
    const trouble = troubles.get(connectionId);
    return `${state}${trouble === undefined ? '' : `: ${trouble}`}`;
  };
  return [...groupBy(down, what)].map(([reason, those]) => {
    const numbers = those.map(({ connectionId }) => String(connectionId + 1));
    const last = numbers.pop()!;
    return numbers.length === 0
      ? `connection ${last} is ${reason}`
      : `connections ${numbers.join(', ')} and ${last} are ${reason}`;
  });
}

/**
 * The reason in words, for this many instruments.
 */
export function unplacedReason(count: number, names = ''): string {
  return `${counted(count, 'instrument is', 'instruments are')} unplaced${names}`;
}

/**
 * The reason in words, for this many instruments.
 */
export function darkReason(count: number, names = ''): string {
  return `${counted(count, 'instrument is', 'instruments are')} not streamed${names}`;
}

/** What a reason shows after its count: the names of some instruments; nothing without names. */
export function namesFor(
  tokens: readonly number[],
  nameOf: ((token: number) => string | undefined) | undefined,
): string {
  return nameOf && tokens.length > 0 ? `: ${listed(tokens, NAMED, nameOf)}` : '';
}

/** The reason in words, for a listener of this event. */
export function listenerReason(type: string): string {
  return `a listener of '${type}' has failed`;
}

/** The reason in words, for a channel of this kind. */
export function stuckReason(kind: string): string {
  return `a channel of ${kind} is full, and nobody has read it for 10 s`;
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
