import type { ConnectionStats } from '@kite/manager';

import { counted } from './describe.js';
import { connectionName, type MarketEvent } from './event-log.js';

/** Detects that instruments moved away from a down connection, by how many each one holds. */
export class Placement {
  #held: ReadonlyMap<number, number> = new Map();

  /** What has happened since the last look; `at` in Unix milliseconds. */
  look(connections: readonly ConnectionStats[], at: number): MarketEvent[] {
    const before = this.#held;
    this.#held = new Map(connections.map(({ connectionId, symbolCount }) => [connectionId, symbolCount]));
    return connections.flatMap(({ connectionId, isConnected, symbolCount }) => {
      const moved = (before.get(connectionId) ?? 0) - symbolCount;
      if (isConnected || moved <= 0) return [];
      const text = `${counted(moved, 'instrument')} of ${connectionName(connectionId)} moved to the others`;
      return [{ at, kind: 'failover', text, tone: 'warning' as const }];
    });
  }
}
