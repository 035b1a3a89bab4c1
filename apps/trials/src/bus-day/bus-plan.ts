import { Chance } from '../plan/chance.js';

/** What happens to a collector, to a program, or to the server; times in milliseconds of the trial. */
export type BusFault = { readonly at: number } & (
  | {
      readonly kind: 'kill-collector' | 'cut-kite' | 'lose-collector';
      readonly who: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'stall-collector' | 'lose-program' | 'stall-program';
      readonly who: number;
      readonly forMs: number;
    }
  | { readonly kind: 'kill-program'; readonly who: number; readonly forMs: number }
  | { readonly kind: 'want'; readonly who: number; readonly tokens: readonly number[] }
  | { readonly kind: 'replay'; readonly who: number; readonly backMs: number }
  | { readonly kind: 'restart-server'; readonly forMs: number; readonly readyAfterMs: number }
  | { readonly kind: 'pause-server' | 'skip-storing'; readonly forMs: number }
);

/** A program: what it wants at first, and how it reads. */
export interface ProgramPlan {
  readonly tokens: readonly number[];
  /** How long it sleeps now and then, with a channel too small for that; 0: it reads at once. */
  readonly pauseMs: number;
}

/** A trial of the bus in virtual time. */
export interface BusPlan {
  readonly seed: number;
  readonly lengthMs: number;
  readonly tokens: readonly number[];
  /** Ticks that show a price only, or the time and the volume of their state too. */
  readonly form: 'ltp' | 'full';
  /** How much later than the market each collector receives, in milliseconds. */
  readonly collectors: readonly { readonly delayMs: number }[];
  readonly programs: readonly ProgramPlan[];
  /** Mean time between two changes of the market. */
  readonly everyMs: number;
  readonly orderEveryMs: number;
  readonly faults: readonly BusFault[];
}

const KINDS = [
  ...['kill-collector', 'kill-collector', 'cut-kite', 'lose-collector', 'stall-collector', 'lose-program'],
  ...['stall-program', 'kill-program', 'want', 'replay', 'restart-server', 'pause-server', 'skip-storing'],
] as const;

/** Draws the plan of a seed. */
export function drawBusPlan(seed: number): BusPlan {
  const chance = new Chance(seed, 'bus');
  const tokens = Array.from({ length: chance.integer(2, 12) }, (_, index) => ((index + 1) << 8) | 1);
  const collectors = Array.from({ length: chance.happens(0.7) ? 2 : 1 }, () => ({
    delayMs: chance.happens(0.5) ? 0 : chance.integer(1, 20),
  }));
  const programs = Array.from({ length: chance.integer(1, 4) }, () => ({
    tokens: chance.some(chance.integer(1, tokens.length), tokens),
    pauseMs: chance.happens(0.25) ? chance.integer(50, 2000) : 0,
  }));
  const lengthMs = chance.integer(60_000, 180_000);
  const everyMs = chance.happens(0.1) ? Infinity : chance.integer(800, 12_000);
  const faults: BusFault[] = [];
  for (let at = 5000; at < lengthMs; at += Math.round(everyMs * (0.2 + 1.6 * chance.next())))
    faults.push(drawFault(chance, Math.round(at), { collectors, programs, tokens }));
  return {
    ...{ seed, lengthMs, tokens, collectors, programs, faults },
    form: chance.happens(0.5) ? 'ltp' : 'full',
    everyMs: chance.integer(50, 800),
    orderEveryMs: chance.integer(500, 8000),
  };
}

function drawFault(
  chance: Chance,
  at: number,
  { collectors, programs, tokens }: Pick<BusPlan, 'collectors' | 'programs' | 'tokens'>,
): BusFault {
  const kind = chance.pick(KINDS);
  const forMs = Math.round(10 ** (1.5 + 2.3 * chance.next()));
  const who = chance.integer(
    0,
    (kind.endsWith('collector') || kind === 'cut-kite' ? collectors : programs).length - 1,
  );
  switch (kind) {
    case 'want':
      return {
        at,
        kind,
        who: chance.integer(0, programs.length - 1),
        tokens: chance.some(chance.integer(1, tokens.length), tokens),
      };
    case 'replay':
      return { at, kind, who, backMs: chance.integer(0, 40_000) };
    case 'restart-server':
      return { at, kind, forMs, readyAfterMs: chance.integer(0, 4000) };
    case 'pause-server':
    case 'skip-storing':
      return { at, kind, forMs };
    default:
      return { at, kind, who, forMs };
  }
}
