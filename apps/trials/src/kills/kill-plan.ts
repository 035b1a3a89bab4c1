import type { Mode } from '@kite/protocol';
import type { Fault } from '@kite/simulator';

import { Chance } from '../plan/chance.js';
import { apiKeyOf, type Plan } from '../plan/plan.js';
import { type ScenarioName, SCENARIOS } from '../plan/scenario.js';

/** What to try. */
export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly scenario: ScenarioName;
  readonly mode: Mode;
}

/** Between two kills, in milliseconds: long enough for the account to come back. */
const EVERY_MS = 15_000;

/** Before the first kill, so that every account streams. */
const SETTLED_MS = 5000;

const INSTRUMENTS = 10;

/** Of the whole market. */
const TICKS_PER_SECOND = 100;

/** One account after another loses all its connections, and is refused for a while. */
export function planOfKills({ kills, seed, scenario, mode }: KillOptions): Plan {
  const chance = new Chance(seed, 'kills');
  const { accounts } = SCENARIOS[scenario];
  const instruments = Array.from({ length: INSTRUMENTS }, (_, index) => (20_000 + index) * 256 + 1);
  const faults = Array.from({ length: kills }, (_, kill): Fault[] => {
    const at = SETTLED_MS + kill * EVERY_MS + chance.integer(0, 1000);
    const apiKey = apiKeyOf(seed, chance.integer(0, accounts - 1));
    return [
      { at, kind: 'refuse', count: chance.integer(1, 3), status: 503, apiKey },
      { at, kind: chance.pick(['drop', 'cut', 'blackhole']), who: apiKey },
    ];
  });
  return {
    seed,
    scenario,
    lengthMs: SETTLED_MS + kills * EVERY_MS,
    instruments,
    connections: 1,
    maxSymbols: 3000,
    ticksPerSecond: TICKS_PER_SECOND,
    stepMs: 20,
    ringBytes: 1024 * 1024,
    failoverAfterMs: 5000,
    maxReconnectDelayMs: 4000,
    heartbeatLivenessThresholdMs: 3000,
    connectionTimeoutMs: 5000,
    accounts: Array.from({ length: accounts }, () => ({ hasFixedToken: false, delayMs: 0 })),
    consumers: [{ id: 'all', kind: 'messages', capacity: 1_000_000, from: 0, takesMs: 0 }],
    actions: [{ at: 0, kind: 'subscribe', tokens: instruments, mode }],
    faults: { faults: faults.flat() },
  };
}
