import { Segment } from '@kite/protocol';

/** A made-up contract: its last day, its strike and its kind. */
export interface Contract {
  /** `YYYY-MM-DD`. */
  readonly expiry: string;
  /** In rupees; 0 for a future. */
  readonly strike: number;
  readonly instrumentType: 'FUT' | 'CE' | 'PE';
}

const DAY_MS = 86_400_000;
const IST_OFFSET_MS = 5.5 * 3_600_000;
const TUESDAY = 2;
const THURSDAY = 4;

/**
 * The last day of contracts of the `months`-th month, counted from the first month with its last day still ahead: the
 * last Thursday of a month on BSE, else the last Tuesday.
 *
 * @param now Unix milliseconds
 */
export function lastTradingDay(segment: Segment, now: number, months: number): string {
  const weekday = segment === Segment.BFO ? THURSDAY : TUESDAY;
  const today = new Date(now + IST_OFFSET_MS);
  const midnight = Math.floor(today.getTime() / DAY_MS) * DAY_MS;
  const year = today.getUTCFullYear();
  const month = today.getUTCMonth();
  const isOver = lastWeekday(year, month, weekday) < midnight;
  const day = lastWeekday(year, month + months + (isOver ? 1 : 0), weekday);
  return new Date(day).toISOString().slice(0, 10);
}

/** The last such day of a month, as its midnight in UTC. */
function lastWeekday(year: number, month: number, weekday: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return last.getTime() - ((last.getUTCDay() - weekday + 7) % 7) * DAY_MS;
}
