import { type Mode } from '@kite/protocol';
import { drawFaults, type Fault, type FaultKind } from '@kite/simulator';

import { Chance } from './chance.js';
import { drawPins } from './draw-pins.js';
import { drawSubscribers } from './draw-subscribers.js';
import {
  type AccountPlan,
  type Action,
  apiKeyOf,
  type ConsumerPlan,
  type Plan,
  type Timing,
} from './plan.js';
import { type Scenario, type ScenarioName, SCENARIOS } from './scenario.js';

const MINUTE_MS = 60_000;

/** What Kite allows on one connection. */
const MOST_SYMBOLS = 3000;

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
  ...(['jump-clock', 'drift-clock', 'expire-instruments'] as const),
];

/** What can go wrong where there is an I/O worker. */
const WORKER_KINDS: readonly FaultKind[] = ['crash-worker', 'hang-worker', 'block-worker'];

/** What is done to connections: to all, to those of one account, or to one. */
const OF_CONNECTIONS: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(['drop', 'stall', 'blackhole', 'close', 'cut', 'cut-silently', 'half-open'] as const),
  ...(['clog', 'slow-reader', 'lag', 'burst'] as const),
]);

/** Faults that nobody is told of: they last until the client has noticed. */
const SILENT: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'blackhole',
  'cut-silently',
  'half-open',
  'hang-worker',
]);

/** The client's time to act on what it has noticed. */
const NOTICE_MS = 2000;

/** The plan of a seed: how large, which faults, who reads how, what the program does. */
export function drawPlan(seed: number, scenario: ScenarioName): Plan {
  const size = new Chance(seed, 'size');
  const lengthMs = size.integer(10, size.happens(0.15) ? 60 : 12) * MINUTE_MS;
  const length = size.happens(0.2) ? size.integer(100, 300) : size.integer(5, 60);
  const instruments = Array.from({ length }, (_, index) => (20_000 + index) * 256 + 1);
  // The median trial delivers more than 3000 ticks.
  const ticksPerSecond = size.integer(3, size.happens(0.15) ? 20 : 5);
  const { accounts: count, worker, subscribers: hasSubscribers }: Scenario = SCENARIOS[scenario];
  const accounts = drawAccounts(seed, count);
  const timing = drawTiming(seed);
  const drawn = drawFaults(seed, {
    durationMs: lengthMs,
    kinds: worker ? [...KINDS, ...WORKER_KINDS] : KINDS,
    instruments,
    perHour: 12,
  });
  const faults = drawn.faults
    .filter((fault) => isOverInTime(fault, lengthMs, timing))
    .map((fault) => noticedInTime(fault, lengthMs));
  const aimed = count === 1 ? faults : aimAtAccounts(seed, faults, count);
  const crash = worker ? drawCrashOfRefused(seed, lengthMs) : [];
  // With several accounts most have one connection: nine of them cost more than what they carry.
  const connections = size.pick(count === 1 ? ([1, 2, 3, 3] as const) : ([1, 1, 2, 3] as const));
  const actions = [
    ...drawActions(seed, instruments, count, lengthMs, aimed),
    ...drawLogins(seed, aimed, accounts, lengthMs),
    ...drawRestarts(seed, aimed, lengthMs),
  ];
  const drawnFaults = { ...drawn, faults: [...aimed, ...crash].sort((a, b) => a.at - b.at) };
  const drawnSoFar = { instruments, lengthMs, faults: drawnFaults };
  const parts = hasSubscribers && drawSubscribers(seed, drawnSoFar);
  const pins = hasSubscribers && count > 1 ? drawPins(seed, drawnSoFar, count) : [];
  return {
    seed,
    scenario,
    lengthMs,
    instruments,
    connections,
    maxSymbols: count === 1 ? drawRoom(seed, length, connections) : MOST_SYMBOLS,
    ticksPerSecond,
    stepMs: size.pick([50, 250, 500, 1000]),
    ringBytes: size.pick([4096, 16_384, 1024 * 1024]),
    ...timing,
    accounts,
    consumers: [
      ...drawConsumers(seed, count === 1, lengthMs),
      ...drawOtherConsumer(seed, SCENARIOS[scenario], { instruments, connections, lengthMs }),
    ],
    ...(parts && { subscribers: parts.subscribers }),
    actions: [...actions, ...(parts ? parts.actions : []), ...pins].sort((a, b) => a.at - b.at),
    faults: drawnFaults,
  };
}

function drawTiming(seed: number): Timing {
  const chance = new Chance(seed, 'timing');
  return {
    failoverAfterMs: chance.pick([2000, 5000, 15_000]),
    maxReconnectDelayMs: chance.pick([4000, 10_000, 30_000]),
    heartbeatLivenessThresholdMs: chance.pick([3000, 10_000]),
    connectionTimeoutMs: chance.pick([5000, 30_000]),
  };
}

/** In some trials what one connection holds finds no room on the others. */
function drawRoom(seed: number, instruments: number, connections: number): number {
  const chance = new Chance(seed, 'room');
  const isShort = chance.happens(0.25);
  const share = Math.ceil(instruments / connections);
  return isShort ? share + chance.integer(0, share) : MOST_SYMBOLS;
}

/** Whether the client can have noticed a fault by the time when everything has to come back. */
function isOverInTime(fault: Fault, lengthMs: number, timing: Timing): boolean {
  const isUnanswered = fault.kind === 'slow-handshake' && fault.delayMs === null;
  if (!isUnanswered && !SILENT.has(fault.kind)) return true;
  const lastsMs = isUnanswered ? timing.connectionTimeoutMs : timing.heartbeatLivenessThresholdMs;
  return fault.at + lastsMs + NOTICE_MS <= lengthMs;
}

/** Until the server has noticed that a connection is gone, it holds the place of a new one: it knows by the end of the faults. */
function noticedInTime(fault: Fault, lengthMs: number): Fault {
  if (fault.kind !== 'cut-silently') return fault;
  const { serverNoticesAfterMs } = fault;
  return { ...fault, serverNoticesAfterMs: Math.min(serverNoticesAfterMs ?? Infinity, lengthMs - fault.at) };
}

/** In some trials one connection is refused for good, and then the worker crashes: the next token has to bring it back. */
function drawCrashOfRefused(seed: number, lengthMs: number): Fault[] {
  const chance = new Chance(seed, 'crash of a refused one');
  if (!chance.happens(0.15)) return [];
  const at = lengthMs - chance.integer(20_000, 60_000);
  return [
    { at, kind: 'refuse', count: 1, status: 403 },
    { at: at + 500, kind: 'drop', who: chance.integer(0, 2) },
    { at: at + chance.integer(8000, 15_000), kind: 'crash-worker' },
  ];
}

/** The program restarts its manager: at any time, or while a fault is fresh. */
function drawRestarts(seed: number, faults: readonly Fault[], lengthMs: number): Action[] {
  const chance = new Chance(seed, 'restarts');
  if (!chance.happens(0.25)) return [];
  return Array.from({ length: chance.integer(1, 2) }, (): Action => {
    const isFresh = faults.length > 0 && chance.happens(0.6);
    const at = isFresh ? chance.pick(faults).at + chance.integer(0, 3000) : chance.integer(1000, lengthMs);
    return { at: Math.min(at, lengthMs - 1), kind: 'restart' };
  });
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

/** Some read in another way: as a listener, one connection alone, some instruments alone, or where nothing may be dropped. */
function drawOtherConsumer(
  seed: number,
  { accounts, replicas, worker }: Scenario,
  { instruments, connections, lengthMs }: Pick<Plan, 'instruments' | 'connections' | 'lengthMs'>,
): ConsumerPlan[] {
  const chance = new Chance(seed, 'other consumer');
  const kind = chance.pick([
    'listener',
    'connection',
    'frames',
    'tokens',
    'error',
    'slow',
    'slow',
    'none',
  ] as const);
  const channelId = chance.integer(0, connections - 1) as 0 | 1 | 2;
  const of = { account: chance.integer(0, accounts - 1), channelId };
  const tokens = chance.some(chance.integer(1, 5), instruments);
  const takesMs = chance.pick([0, 20, 200, 2000]);
  const from = chance.happens(0.5) ? 0 : chance.integer(0, Math.floor(lengthMs / 2));
  const capacity = chance.pick([5, 50, 1000]);
  const overflow = chance.pick(['drop-oldest', 'conflate'] as const);
  const way = accounts === 1 && chance.happens(0.5) ? 'ticks' : 'messages';
  switch (kind) {
    case 'listener':
      return [{ id: 'listener', kind, from, takesMs: 0 }];
    case 'connection':
      // What an account's connection brings is not merged.
      return replicas > 1 ? [] : [{ id: 'one connection', kind, of, capacity, from, takesMs }];
    case 'frames':
      // A thread tells how many frames are gone, and not how many ticks those had.
      return accounts > 1 || worker
        ? []
        : [{ id: 'frames', kind, of, capacity: 1_000_000, from, takesMs: 0 }];
    case 'tokens':
      return [{ id: 'some instruments', kind: way, tokens, overflow, capacity, from, takesMs }];
    case 'error':
      return [{ id: 'all or nothing', kind: 'messages', overflow: kind, capacity, from, takesMs }];
    case 'slow':
      return [
        {
          id: 'very slow',
          kind: 'messages',
          overflow: 'conflate',
          capacity: chance.pick([5, 5, 10]),
          from,
          takesMs: chance.pick([2000, 10_000]),
        },
      ];
    case 'none':
      return [];
  }
}

function drawActions(
  seed: number,
  instruments: readonly number[],
  accounts: number,
  lengthMs: number,
  faults: readonly Fault[],
): Action[] {
  const chance = new Chance(seed, 'actions');
  const mode = (): Mode => chance.pick(['ltp', 'quote', 'full', 'full'] as const);
  const somewhen = (): number => chance.integer(1000, lengthMs);
  // Much depends on what happens while something is wrong.
  const nearAFault = (): number =>
    faults.length === 0 ? somewhen() : Math.max(1000, chance.pick(faults).at + chance.integer(-2000, 6000));
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
    actions.push({
      at: chance.happens(0.4) ? nearAFault() : somewhen(),
      kind: 'order',
      account: chance.integer(0, accounts - 1),
      number,
    });
  return actions;
}
