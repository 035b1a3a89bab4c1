import { type Mode } from '@kite/protocol';
import { drawFaults, type Fault, type FaultKind } from '@kite/simulator';

import { Chance } from './chance.js';
import { type AccountPlan, type Action, apiKeyOf, type ConsumerPlan, type Plan } from './plan.js';
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

/** What is done to connections: to all, to those of one account, or to one. */
const OF_CONNECTIONS: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(['drop', 'stall', 'blackhole', 'close', 'cut', 'cut-silently', 'half-open'] as const),
  ...(['clog', 'slow-reader', 'lag', 'burst'] as const),
]);

/** The plan of a seed: how large, which faults, who reads how, what the program does. */
export function drawPlan(seed: number, scenario: ScenarioName): Plan {
  const size = new Chance(seed, 'size');
  const lengthMs = size.integer(10, size.happens(0.2) ? 60 : 20) * MINUTE_MS;
  const length = size.happens(0.2) ? size.integer(100, 300) : size.integer(5, 60);
  const instruments = Array.from({ length }, (_, index) => (20_000 + index) * 256 + 1);
  // At least 3000 ticks are delivered even in the shortest trial.
  const ticksPerSecond = size.integer(6, size.happens(0.2) ? 60 : 12);
  const { accounts: count, worker } = SCENARIOS[scenario];
  const accounts = drawAccounts(seed, count);
  const faults = drawFaults(seed, {
    durationMs: lengthMs,
    kinds: worker ? [...KINDS, ...WORKER_KINDS] : KINDS,
    perHour: 12,
  });
  const aimed = count === 1 ? faults.faults : aimAtAccounts(seed, faults.faults, count);
  const actions = [
    ...drawActions(seed, instruments, count, lengthMs),
    ...drawLogins(seed, aimed, accounts, lengthMs),
  ];
  return {
    seed,
    scenario,
    lengthMs,
    instruments,
    connections: size.pick([1, 2, 3, 3] as const),
    ticksPerSecond,
    stepMs: size.pick([20, 50, 100, 250]),
    ringBytes: size.pick([4096, 16_384, 1024 * 1024]),
    failoverAfterMs: size.pick([2000, 5000, 15_000]),
    maxReconnectDelayMs: size.pick([4000, 10_000, 30_000]),
    heartbeatLivenessThresholdMs: size.pick([3000, 10_000]),
    accounts,
    consumers: drawConsumers(seed, count === 1, lengthMs),
    actions: actions.sort((a, b) => a.at - b.at),
    faults: { ...faults, faults: aimed },
  };
}

function drawAccounts(seed: number, count: number): AccountPlan[] {
  const chance = new Chance(seed, 'accounts');
  const tokens = chance.pick(['all', 'some', 'none', 'none'] as const);
  const areUnlike = count > 1 && chance.happens(0.3);
  const every = chance.pick([1, 2, 2, 3]);
  return Array.from({ length: count }, (_, index) => {
    const isSampled = chance.happens(0.7);
    const delayMs = chance.pick([0, 0, 40, 400, 2000]);
    return {
      hasFixedToken: chance.happens({ all: 1, some: 0.5, none: 0 }[tokens]),
      ...(areUnlike && isSampled && every > 1 && { sampling: { every, offset: index % every } }),
      delayMs: areUnlike ? delayMs : 0,
    };
  });
}

/** Many of the faults that hit every account hit only one. */
function aimAtAccounts(seed: number, faults: readonly Fault[], accounts: number): Fault[] {
  const chance = new Chance(seed, 'aims');
  return faults.map((fault) => {
    const isAimed = chance.happens(0.6);
    const apiKey = apiKeyOf(seed, chance.integer(0, accounts - 1));
    if (!isAimed) return fault;
    if (fault.kind === 'refuse' || fault.kind === 'expire-tokens') return { ...fault, apiKey };
    return OF_CONNECTIONS.has(fault.kind) && !('who' in fault) ? { ...fault, who: apiKey } : fault;
  });
}

/** A program with fixed tokens logs in when its tokens have expired, and mostly when it is refused: sooner or later. */
function drawLogins(
  seed: number,
  faults: readonly Fault[],
  accounts: readonly AccountPlan[],
  lengthMs: number,
): Action[] {
  const chance = new Chance(seed, 'logins');
  const actions: Action[] = [];
  for (const fault of faults) {
    if (fault.kind !== 'refuse' && fault.kind !== 'expire-tokens') continue;
    const after = fault.kind === 'refuse' ? 1000 : (fault.loginAfterMs ?? 0);
    for (const [account, { hasFixedToken }] of accounts.entries()) {
      const at = fault.at + after + chance.integer(1, chance.pick([100, 10_000, 120_000]));
      const isMeant = fault.apiKey === undefined || fault.apiKey === apiKeyOf(seed, account);
      if (chance.happens(0.7) && hasFixedToken && isMeant && at < lengthMs)
        actions.push({ at, kind: 'log-in', account });
    }
  }
  return actions;
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
  return actions;
}
