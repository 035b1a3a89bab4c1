import type { ChannelId } from '@kite/connection';
import type { HealthSummary } from '@kite/manager';

import { darkReason, listenerReason, stuckReason, unplacedReason } from './parts.js';

/** One account's part in the health. */
export interface AccountHealth {
  /** The account's id. */
  id: string;
  /** As a manager's: `healthy`, `degraded` or `critical`. */
  status: HealthSummary['status'];
  /** What is wrong, in words; empty when healthy. */
  reasons: string[];
}

/** The state of all accounts in one object. Plain and JSON-safe. */
export interface MultiApiHealth extends Omit<HealthSummary, 'unhealthyConnections'> {
  /** Where the connections run; `inline` if those of any account run in the manager's thread. */
  isolation: HealthSummary['isolation'];
  /** Connections that are not open. */
  unhealthyConnections: { apiKeyId: string; channelId: ChannelId }[];
  /** One for each account. */
  accounts: AccountHealth[];
}

/** What the health of all accounts is judged by. */
export interface MultiApiHealthFacts {
  accounts: readonly { id: string; health: HealthSummary }[];
  totalSymbols: number;
  unplacedSymbols: number;
  darkSymbols: number;
  /** The instrument names that these two reasons show after their counts. */
  unplacedNames?: string;
  darkNames?: string;
  /** Events whose listeners over all accounts failed within the last minute. */
  failedListeners: readonly string[];
  /** How often a listener over all accounts has failed. */
  listenerErrors: number;
  /** The kinds of channels over all accounts that are full and not read. */
  stuckChannels: readonly string[];
  uptimeMs: number;
}

/** Sums up the health of all accounts. Pure. */
export function assessMultiApiHealth(facts: MultiApiHealthFacts): MultiApiHealth {
  const { accounts, totalSymbols, unplacedSymbols, darkSymbols, uptimeMs } = facts;
  const total = (
    figure: 'healthyConnections' | 'totalMessages' | 'totalErrors' | 'activeMessageFlows',
  ): number => accounts.reduce((sum, { health }) => sum + health[figure], 0);
  const reasons = accounts.flatMap(({ id, health }) => {
    // The total says it for all accounts, and leaves out instruments that another account streams instead.
    const saidOnce = [
      unplacedSymbols > 0 ? unplacedReason(health.unplacedSymbols) : undefined,
      darkReason(health.darkSymbols),
    ];
    const isSaid = (reason: string): boolean =>
      saidOnce.some((said) => said !== undefined && (reason === said || reason.startsWith(`${said}: `)));
    return health.reasons.filter((reason) => !isSaid(reason)).map((reason) => `${id}: ${reason}`);
  });
  reasons.push(...facts.failedListeners.map(listenerReason), ...facts.stuckChannels.map(stuckReason));
  if (darkSymbols > 0) reasons.push(darkReason(darkSymbols, facts.darkNames));
  if (unplacedSymbols > 0) reasons.push(unplacedReason(unplacedSymbols, facts.unplacedNames));
  const unhealthyConnections = accounts.flatMap(({ id, health }) =>
    health.unhealthyConnections.map((channelId) => ({ apiKeyId: id, channelId })),
  );
  const healthyConnections = total('healthyConnections');
  const connections = healthyConnections + unhealthyConnections.length;
  return {
    status: healthyConnections === 0 ? 'critical' : reasons.length > 0 ? 'degraded' : 'healthy',
    healthPercentage: connections === 0 ? 0 : (healthyConnections / connections) * 100,
    healthyConnections,
    unhealthyConnections,
    totalSymbols,
    unplacedSymbols,
    darkSymbols,
    totalMessages: total('totalMessages'),
    totalErrors: total('totalErrors') + facts.listenerErrors,
    activeMessageFlows: total('activeMessageFlows'),
    uptimeMs,
    isolation: accounts.some(({ health }) => health.isolation === 'inline') ? 'inline' : 'worker',
    reasons,
    accounts: accounts.map(({ id, health: { status, reasons: own } }) => ({ id, status, reasons: own })),
  };
}
