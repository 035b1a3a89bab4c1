import type { Exchange } from './exchange.js';
import type { Hours } from './hours.js';
import { dateOfDay, type DayNumber, timeOfDay } from './ist.js';
import type { PhaseSpan } from './phase.js';

/** A day's trading at an exchange. Plain; the same object for the same day: do not change it. */
export interface Session {
  /** The exchange. */
  readonly exchange: Exchange;
  /** In India, as `YYYY-MM-DD`. */
  readonly date: string;
  /** `Regular`, or the name of a special session. */
  readonly name: string;
  /** Whether the holidays of this year are known. If not, every weekday counts as a trading day. */
  readonly isKnown: boolean;
  /** When continuous trading begins, in Unix milliseconds. */
  readonly open: number;
  /** When it ends, in Unix milliseconds. */
  readonly close: number;
  /** The phases, in order; between two of them the market is `closed`. */
  readonly phases: readonly PhaseSpan[];
}

/** The session of these hours; null without continuous trading. */
export function sessionOfHours(
  exchange: Exchange,
  day: DayNumber,
  name: string,
  isKnown: boolean,
  hours: readonly Hours[],
): Session | null {
  const trading = hours.find(({ phase }) => phase === 'continuous');
  if (trading === undefined) return null;
  return {
    exchange,
    date: dateOfDay(day),
    name,
    isKnown,
    open: timeOfDay(day, trading.from),
    close: timeOfDay(day, trading.to),
    phases: hours.map(({ phase, from, to }) => ({
      phase,
      from: timeOfDay(day, from),
      to: timeOfDay(day, to),
    })),
  };
}
