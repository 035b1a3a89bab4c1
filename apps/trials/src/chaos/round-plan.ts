import { Chance } from '../plan/chance.js';
import type { ConsumerPlan } from '../plan/plan.js';
import { FAULT_KINDS, type FaultKind, type Skipped } from './fault-kind.js';

/** Which layer a program of chaos uses. */
export type Layer = 'ticker' | 'manager' | 'multi-api';

/** One program of a round. */
export interface ProgramPlan {
  readonly layer: Layer;
  readonly accounts: number;
  /** For each account. */
  readonly connections: number;
  readonly replicas: number;
  readonly ringBytes: number;
  /** Whether it gives access tokens as text, not as functions. */
  readonly hasFixedTokens: boolean;
  /** Whether it dials a relay that can vanish, if there is one. */
  readonly isRelayed: boolean;
}

/** A fault of a round, and the random source for its details. */
export interface PlannedFault {
  /** Milliseconds since its programs started. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly program: number;
  readonly account: number;
  readonly seed: number;
}

/** One round of chaos: the same for the same seed and number, as far as real sockets and threads allow. */
export interface RoundPlan {
  readonly seed: number;
  readonly number: number;
  /** The time under faults; after it everything is healed and must recover. */
  readonly lengthMs: number;
  readonly instruments: readonly number[];
  readonly timing: {
    readonly failoverAfterMs: number;
    readonly heartbeatLivenessThresholdMs: number;
    readonly reconnectDelayMs: number;
    readonly maxReconnectDelayMs: number;
    readonly connectionTimeoutMs: number;
  };
  readonly programs: readonly ProgramPlan[];
  readonly faults: readonly PlannedFault[];
}

/** Before the first fault everything streams for a moment. */
const FIRST_FAULT_MS = 500;

/** Each kind occurs at least once in a full round, some twice. */
const FAULTS_PER_KIND = 1.4;

/** Kills of an account in a full round with replicas: a hundred an hour. */
const KILLS = 5;

/** Draws a round. */
export function drawRound(seed: number, number: number, lengthMs: number, skipped: Skipped): RoundPlan {
  const drawn = seed * 10_007 + number;
  const size = new Chance(drawn, 'size');
  const timing = new Chance(drawn, 'timing');
  const reconnectDelayMs = timing.pick([100, 300]);
  const programs = drawPrograms(drawn, number);
  return {
    seed,
    number,
    lengthMs,
    instruments: Array.from({ length: size.integer(20, 60) }, (_, index) => (20_000 + index) * 256 + 1),
    timing: {
      failoverAfterMs: timing.pick([1000, 3000]),
      heartbeatLivenessThresholdMs: timing.pick([2500, 4000]),
      reconnectDelayMs,
      maxReconnectDelayMs: timing.pick([1000, 3000]),
      connectionTimeoutMs: timing.pick([2000, 4000]),
    },
    programs,
    faults: [...drawFaults(drawn, lengthMs, skipped), ...drawKills(drawn, lengthMs, programs)].sort(
      (a, b) => a.at - b.at,
    ),
  };
}

function drawPrograms(drawn: number, number: number): ProgramPlan[] {
  const chance = new Chance(drawn, 'programs');
  const common = (): Pick<ProgramPlan, 'ringBytes' | 'hasFixedTokens' | 'isRelayed'> => ({
    ringBytes: chance.pick([16_384, 1024 * 1024]),
    hasFixedTokens: chance.happens(0.5),
    isRelayed: chance.happens(0.6),
  });
  return [
    { layer: 'ticker', accounts: 1, connections: 1, replicas: 1, ...common() },
    { layer: 'manager', accounts: 1, connections: 3, replicas: 1, ...common() },
    // Every other round has replicas.
    { layer: 'multi-api', accounts: 3, connections: 1, replicas: number % 2 === 0 ? 2 : 1, ...common() },
  ];
}

function drawFaults(drawn: number, lengthMs: number, skipped: Skipped): PlannedFault[] {
  const chance = new Chance(drawn, 'faults');
  const kinds = FAULT_KINDS.filter((kind) => !skipped.has(kind));
  const count = Math.round((kinds.length * FAULTS_PER_KIND * lengthMs) / 60_000);
  const deck: FaultKind[] = [];
  while (deck.length < count) deck.push(...shuffled(kinds, chance));
  return deck.slice(0, count).map((kind) => ({
    at: chance.integer(FIRST_FAULT_MS, lengthMs),
    kind,
    program: chance.integer(0, 2),
    account: chance.integer(0, 2),
    seed: chance.integer(0, 2 ** 30),
  }));
}

/** Takes down one account after another, if the others hold copies of its instruments. */
function drawKills(drawn: number, lengthMs: number, programs: readonly ProgramPlan[]): PlannedFault[] {
  const chance = new Chance(drawn, 'kills');
  const program = programs.findIndex(({ replicas }) => replicas > 1);
  if (program < 0) return [];
  return Array.from({ length: Math.round((KILLS * lengthMs) / 60_000) }, () => ({
    at: chance.integer(FIRST_FAULT_MS, lengthMs),
    kind: 'account-down',
    program,
    account: chance.integer(0, 2),
    seed: chance.integer(0, 2 ** 30),
  }));
}

function shuffled<T>(from: readonly T[], chance: Chance): T[] {
  const left = [...from];
  return from.map(() => left.splice(chance.integer(0, left.length - 1), 1)[0]!);
}

/** The consumer that reads everything at once and loses nothing. */
export const READS_ALL: ConsumerPlan = {
  id: 'all',
  kind: 'messages',
  capacity: 1_000_000,
  from: 0,
  takesMs: 0,
};

/** A consumer that comes and goes. */
export function drawConsumer(
  chance: Chance,
  id: string,
  { layer }: ProgramPlan,
  isSlow: boolean,
): ConsumerPlan {
  const kind = layer === 'multi-api' ? 'messages' : chance.pick(['messages', 'ticks'] as const);
  if (!isSlow && chance.happens(0.2)) return { id, kind: 'listener', from: 0, takesMs: 0 };
  const overflow = chance.pick(['drop-oldest', 'drop-newest', 'conflate'] as const);
  return {
    id,
    kind,
    overflow,
    capacity: isSlow ? chance.pick([1, 5, 50]) : 1000,
    ...(overflow === 'conflate' && chance.happens(0.4) && { throttleMs: chance.pick([50, 300]) }),
    from: 0,
    takesMs: isSlow ? chance.pick([20, 200, 1000]) : 0,
  };
}
