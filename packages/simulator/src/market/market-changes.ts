import type { PhaseSpan, Session } from '@kite/calendar';

/** A change of a market at one time. */
export interface MarketChange {
  /** Unix milliseconds. */
  readonly at: number;
  /** The liveliness from then on, as a factor of the natural pace. */
  readonly liveliness: number;
  /** An auction ends then, with one trade of each instrument; `opens`: it is the first of the day. */
  readonly auction?: { readonly opens: boolean };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NATURAL = 1;
const FIRST_MINUTE = 8;
const LUNCH = { liveliness: 0.4, from: 12 * HOUR_MS, to: 14 * HOUR_MS } as const;
/** The part of its phase after which an auction ends: 09:10 of 09:00 to 09:15, and 15:30 of 15:15 to 15:35. */
const AUCTION_ENDS = { 'pre-open': 2 / 3, 'closing-auction': 3 / 4 } as const;

/**
 * A market's day, in order of time: a burst in the first minute, half as lively at noon, still outside continuous
 * trading except for one trade at the end of each auction. Nothing happens after the close.
 *
 * @param midnight the day's midnight in India, Unix milliseconds
 */
export function marketChanges(session: Session | null, midnight: number): MarketChange[] {
  return (session?.phases ?? []).flatMap((phase) => changesOf(phase, midnight)).sort((a, b) => a.at - b.at);
}

function changesOf({ phase, from, to }: PhaseSpan, midnight: number): MarketChange[] {
  switch (phase) {
    case 'continuous': {
      const ordinary = Math.min(from + MINUTE_MS, to);
      return [
        { at: from, liveliness: FIRST_MINUTE },
        ...[ordinary, midnight + LUNCH.from, midnight + LUNCH.to]
          .filter((at) => at >= ordinary && at < to)
          .map((at) => ({ at, liveliness: usualAt(at - midnight) })),
        { at: to, liveliness: 0 },
      ];
    }
    case 'pre-open':
    case 'closing-auction':
      return [
        {
          at: from + (to - from) * AUCTION_ENDS[phase],
          liveliness: 0,
          auction: { opens: phase === 'pre-open' },
        },
      ];
    default:
      return [];
  }
}

function usualAt(timeOfDay: number): number {
  return timeOfDay >= LUNCH.from && timeOfDay < LUNCH.to ? LUNCH.liveliness : NATURAL;
}
