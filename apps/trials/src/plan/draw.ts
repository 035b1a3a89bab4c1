import { type Mode } from '@kite/protocol';
import { drawFaults, type FaultKind } from '@kite/simulator';

import { Chance } from './chance.js';
import type { Action, ConsumerPlan, Plan } from './plan.js';
import { type ScenarioName, SCENARIOS } from './scenario.js';

const MINUTE_MS = 60_000;

/** What can go wrong in every scenario. Not damaged frames: what they decode to was never sent. */
const KINDS: readonly FaultKind[] = [
  ...([
    'drop',
    'stall',
    'blackhole',
    'close',
    'cut',
    'cut-silently',
    'half-open',
    'clog',
    'slow-reader',
  ] as const),
  ...([
    'lag',
    'refuse',
    'slow-handshake',
    'restart',
    'expire-tokens',
    'burst',
    'block-main',
    'sleep',
  ] as const),
  ...(['jump-clock', 'drift-clock'] as const),
];

/** What can go wrong where there is an I/O worker. */
const WORKER_KINDS: readonly FaultKind[] = ['crash-worker', 'hang-worker', 'block-worker'];

/** The plan of a seed: how large, which faults, who reads how, what the program does. */
export function drawPlan(seed: number, scenario: ScenarioName): Plan {
  const size = new Chance(seed, 'size');
  const lengthMs = size.integer(10, size.happens(0.2) ? 60 : 20) * MINUTE_MS;
  const count = size.happens(0.2) ? size.integer(100, 300) : size.integer(5, 60);
  const instruments = Array.from({ length: count }, (_, index) => (20_000 + index) * 256 + 1);
  // At least 3000 ticks are delivered even in the shortest trial.
  const ticksPerSecond = size.integer(8, size.happens(0.2) ? 100 : 25);
  const { accounts, worker } = SCENARIOS[scenario];
  return {
    seed,
    scenario,
    lengthMs,
    instruments,
    connections: size.pick([1, 2, 3, 3] as const),
    ticksPerSecond,
    ringBytes: size.pick([4096, 16_384, 1024 * 1024]),
    failoverAfterMs: size.pick([2000, 5000, 15_000]),
    maxReconnectDelayMs: size.pick([4000, 10_000, 30_000]),
    heartbeatLivenessThresholdMs: size.pick([3000, 10_000]),
    consumers: drawConsumers(seed, accounts === 1, lengthMs),
    actions: drawActions(seed, instruments, accounts, lengthMs),
    faults: drawFaults(seed, {
      durationMs: lengthMs,
      kinds: worker ? [...KINDS, ...WORKER_KINDS] : KINDS,
      perHour: 12,
    }),
  };
}

function drawConsumers(seed: number, hasTickChannels: boolean, lengthMs: number): ConsumerPlan[] {
  const chance = new Chance(seed, 'consumers');
  // One reads everything at once, from beginning to end.
  const consumers: ConsumerPlan[] = [
    { id: 'all', kind: 'messages', capacity: 1_000_000, from: 0, takesMs: 0 },
  ];
  const others = chance.integer(0, 3);
  for (let index = 0; index < others; index++) {
    const overflow = chance.pick(['drop-oldest', 'drop-newest', 'conflate'] as const);
    const comes = chance.happens(0.5) ? 0 : chance.integer(0, Math.floor(lengthMs / 2));
    consumers.push({
      id: `consumer ${index + 1}`,
      kind: hasTickChannels && chance.happens(0.4) ? 'ticks' : 'messages',
      overflow,
      capacity: chance.pick([1, 5, 50, 1000]),
      ...(overflow === 'conflate' && chance.happens(0.4) && { throttleMs: chance.pick([100, 1000]) }),
      from: comes,
      ...(chance.happens(0.3) && {
        to: comes + chance.integer(MINUTE_MS, Math.max(MINUTE_MS, lengthMs - comes)),
      }),
      takesMs: chance.pick([0, 0, 20, 200, 2000]),
    });
  }
  return consumers;
}

function drawActions(
  seed: number,
  instruments: readonly number[],
  accounts: number,
  lengthMs: number,
): Action[] {
  const chance = new Chance(seed, 'actions');
  const mode = (): Mode => chance.pick(['ltp', 'quote', 'full', 'full'] as const);
  const somewhen = (): number => chance.integer(1000, lengthMs);
  const actions: Action[] = [{ at: 0, kind: 'subscribe', tokens: instruments, mode: mode() }];
  const few = (): number[] => chance.some(chance.integer(1, Math.min(10, instruments.length)), instruments);
  const kinds = chance.some(chance.integer(0, 3), ['subscribe', 'unsubscribe', 'mode'] as const);
  for (const kind of kinds) {
    for (let left = chance.integer(1, 6); left > 0; left--) {
      if (kind === 'unsubscribe') {
        const tokens = few();
        const at = somewhen();
        actions.push({ at, kind, tokens });
        // Most come back later.
        if (chance.happens(0.8))
          actions.push({ at: at + chance.integer(1, 60_000), kind: 'subscribe', tokens, mode: mode() });
      } else actions.push({ at: somewhen(), kind, tokens: few(), mode: mode() });
    }
  }
  for (let number = chance.integer(0, 20); number > 0; number--)
    actions.push({ at: somewhen(), kind: 'order', account: chance.integer(0, accounts - 1), number });
  if (chance.happens(0.15)) actions.push({ at: somewhen(), kind: 'restart' });
  return actions.sort((a, b) => a.at - b.at);
}
