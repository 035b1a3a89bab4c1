import type { ConnectionStats } from '@kite/manager';

import type { Snapshot } from './live-market.js';
import type { Look } from './price-board.js';

/** Two heartbeats, in milliseconds: the server sends something at least once a second. */
const SILENT_MS = 2000;

/** The part of a connection's figures that is needed here. */
type Figures = Pick<ConnectionStats, 'state' | 'lastFrameAgeMs' | 'connectionUptimeMs'>;

/** Whether a connection is open but has missed two heartbeats. */
export function isSilent({ state, lastFrameAgeMs }: Figures): boolean {
  return state === 'open' && lastFrameAgeMs !== null && lastFrameAgeMs > SILENT_MS;
}

/** Since when a connection streams without a break, in Unix milliseconds; undefined while it does not. */
export function streamingSince(stats: Figures, now: number): number | undefined {
  const { connectionUptimeMs } = stats;
  return connectionUptimeMs === null || isSilent(stats) ? undefined : now - connectionUptimeMs;
}

/** The connections' state at a snapshot, for showing prices. */
export function lookOf({ now, connections }: Snapshot): Look {
  const sinces = new Map(
    connections.map(({ stats }) => [stats.connectionId, streamingSince(stats, now)] as const),
  );
  return { now, streamingSince: (channelId) => sinces.get(channelId) };
}
