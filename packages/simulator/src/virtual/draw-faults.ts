import type { SeededRandom } from '../random.js';
import type { Fault, FaultAction, FaultKind, FaultPlan, FaultTarget } from './fault.js';
import { streamOf } from './streams.js';

/** Which faults may be drawn. */
export interface FaultSpec {
  /** All faults start and end within this many ms of the day's start. */
  readonly durationMs: number;
  /** No fault comes before this many ms. Default 0. */
  readonly quietMs?: number;
  /** Which kinds there may be. Default: all but `order`, `login` and `heal`. `expire-instruments` needs {@link instruments}. */
  readonly kinds?: readonly FaultKind[];
  /** Instruments that may expire, a tenth of them at most. Default: none. */
  readonly instruments?: readonly number[];
  /** About how many faults per hour, for each kind the seed picks. Default 4. */
  readonly perHour?: number;
}

type Draw = (
  random: SeededRandom,
  ms: (most: number) => number,
  instruments: readonly number[],
) => FaultAction;

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How each kind is drawn. A seed's meaning depends on the order: add new kinds at the end. */
const DRAWS: Readonly<Partial<Record<FaultKind, Draw>>> = {
  drop: (random) => ({ kind: 'drop', ...who(random) }),
  stall: (random, ms) => ({ kind: 'stall', forMs: ms(40 * SECOND), ...who(random) }),
  blackhole: (random) => ({ kind: 'blackhole', ...who(random) }),
  close: (random) => ({ kind: 'close', code: random.pick([1000, 1001, 1011, 1012, 4000]), ...who(random) }),
  cut: (random) => ({ kind: 'cut', ...who(random) }),
  'cut-silently': (random) => ({
    kind: 'cut-silently',
    serverNoticesAfterMs: random.pick([1000, 20 * SECOND, 2 * MINUTE]),
    ...who(random),
  }),
  'half-open': (random) => ({ kind: 'half-open', ...who(random) }),
  clog: (random, ms) => ({
    kind: 'clog',
    forMs: ms(20 * SECOND),
    direction: random.pick(['up', 'down', 'both'] as const),
    ...who(random),
  }),
  'slow-reader': (random, ms) => ({
    kind: 'slow-reader',
    bytesPerSecond: random.pick([500, 5000, 50_000]),
    forMs: ms(30 * SECOND),
    ...who(random),
  }),
  lag: (random, ms) => ({
    kind: 'lag',
    delayMs: random.pick([20, 200, 1500]),
    forMs: ms(MINUTE),
    ...who(random),
  }),
  refuse: (random) => ({
    kind: 'refuse',
    count: 1 + random.integer(4),
    status: random.pick([403, 429, 500, 502, 503, 504]),
  }),
  'slow-handshake': (random, ms) => ({
    kind: 'slow-handshake',
    delayMs: random.pick([500, 8000, null]),
    forMs: ms(30 * SECOND),
  }),
  restart: (_random, ms) => ({ kind: 'restart', forMs: ms(20 * SECOND) }),
  'expire-tokens': (random) => ({
    kind: 'expire-tokens',
    loginAfterMs: random.pick([100, 5 * SECOND, 45 * SECOND]),
  }),
  burst: (random) => ({ kind: 'burst', ticks: random.pick([50, 500, 5000]), ...who(random) }),
  corrupt: (random, ms) => ({
    kind: 'corrupt',
    part: random.pick([0.02, 0.2]),
    forMs: ms(30 * SECOND),
    ...who(random),
  }),
  truncate: (random, ms) => ({
    kind: 'truncate',
    part: random.pick([0.02, 0.2]),
    forMs: ms(30 * SECOND),
    ...who(random),
  }),
  'block-main': (_random, ms) => ({ kind: 'block-main', forMs: ms(20 * SECOND) }),
  sleep: (_random, ms) => ({ kind: 'sleep', forMs: ms(4 * MINUTE) }),
  'jump-clock': (random) => ({
    kind: 'jump-clock',
    byMs: random.pick([-3_600_000, -5000, -40, 40, 5000, 3_600_000]),
  }),
  'drift-clock': (random) => ({ kind: 'drift-clock', ppm: random.pick([-500, -50, 50, 500]) }),
  'crash-worker': (random) => ({ kind: 'crash-worker', worker: random.integer(3) }),
  'hang-worker': (random) => ({ kind: 'hang-worker', worker: random.integer(3) }),
  'block-worker': (random, ms) => ({
    kind: 'block-worker',
    worker: random.integer(3),
    forMs: ms(10 * SECOND),
  }),
  'expire-instruments': (random, _ms, instruments) => ({
    kind: 'expire-instruments',
    tokens: [random.pick(instruments)],
  }),
};

/** One seed in this many has no faults at all. */
const SOUND_ONE_IN = 10;
/** A seed picks about this part of the kinds. */
const PART_OF_KINDS = 0.3;
const MOST_OF_A_KIND = 40;
/** At most one instrument in this many expires: a day with few instruments keeps all. */
const EXPIRES_ONE_IN = 10;

/**
 * Draws a fault plan from a seed: which kinds, how often, how long and how large. Each kind draws from its own stream,
 * so leaving one out does not change the others.
 */
export function drawFaults(seed: number, spec: FaultSpec): FaultPlan {
  const { durationMs, quietMs = 0, kinds, instruments = [], perHour = 4 } = spec;
  const general = streamOf(seed, 'faults');
  const isSound = general.integer(SOUND_ONE_IN) === 0;
  const network = {
    minDelayMs: general.pick([0.25, 4, 30]),
    meanExtraDelayMs: general.pick([0, 0.5, 2, 20]),
  };
  const faults: Fault[] = [];
  Object.entries(DRAWS).forEach(([kind, draw], index) => {
    const random = streamOf(seed, 'faults', index + 1);
    if (random.next() >= PART_OF_KINDS || isSound) return;
    if (kinds?.includes(kind as FaultKind) === false) return;
    // From half to twice the requested number, and at least one.
    const many = (perHour * durationMs * (0.5 + 1.5 * random.next())) / (60 * MINUTE);
    const drawn = Math.min(MOST_OF_A_KIND, Math.max(1, Math.floor(many + random.next())));
    const most = kind === 'expire-instruments' ? Math.floor(instruments.length / EXPIRES_ONE_IN) : Infinity;
    const count = Math.min(drawn, most);
    for (let n = 0; n < count; n++) {
      const at = quietMs + random.integer(Math.max(1, durationMs - quietMs));
      // Mostly short, and ended in time.
      const ms = (most: number) =>
        Math.min(durationMs - at, 1 + Math.floor(most * random.next() * random.next()));
      const action = draw(random, ms, instruments);
      const ends = at + ('loginAfterMs' in action ? (action.loginAfterMs ?? 0) : 0);
      if (ends <= durationMs) faults.push({ at, ...action });
    }
  });
  // Refusals that no client has met would outlast the faults.
  if (faults.some(({ kind }) => kind === 'refuse')) faults.push({ at: durationMs, kind: 'heal' });
  faults.sort((a, b) => a.at - b.at);
  return { faults, network };
}

function who(random: SeededRandom): { who?: FaultTarget } {
  return random.next() < 0.3 ? {} : { who: random.integer(9) };
}
