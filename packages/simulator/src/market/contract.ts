import { type Exchange, MarketCalendar } from '@kite/calendar';
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

const EXCHANGE_OF: ReadonlyMap<Segment, Exchange> = new Map([
  [Segment.NFO, 'NFO'],
  [Segment.BFO, 'BFO'],
  [Segment.CDS, 'CDS'],
  [Segment.BCD, 'BCD'],
  [Segment.MCX, 'MCX'],
  [Segment.NCO, 'NCO'],
]);

/** Holidays of every year, by month and day: a calendar knows the other ones of some years only. */
const EVERY_YEAR: ReadonlySet<string> = new Set(['01-26', '05-01', '08-15', '10-02', '12-25']);

/**
 * The last days of made-up contracts: the last Thursday of a month on BSE, else the last Tuesday, or the trading day
 * before it if that is a holiday.
 */
export class Expiries {
  readonly #now: number;
  readonly #calendar = new MarketCalendar();
  readonly #known = new Map<Segment, string[]>();

  /** @param now Unix milliseconds */
  constructor(now: number) {
    this.#now = now;
  }

  /** The last day of the `months`-th month, counted from the first month with its last day still ahead. */
  of(segment: Segment, months: number): string {
    let known = this.#known.get(segment);
    if (!known) this.#known.set(segment, (known = []));
    return (known[months] ??= this.#find(segment, months));
  }

  #find(segment: Segment, months: number): string {
    const today = new Date(this.#now + IST_OFFSET_MS);
    const year = today.getUTCFullYear();
    const month = today.getUTCMonth();
    const isOver = this.#lastDay(segment, year, month) < dateOf(today.getTime());
    return this.#lastDay(segment, year, month + months + (isOver ? 1 : 0));
  }

  #lastDay(segment: Segment, year: number, month: number): string {
    const exchange = EXCHANGE_OF.get(segment) ?? 'NFO';
    let day = lastWeekday(year, month, segment === Segment.BFO ? THURSDAY : TUESDAY);
    while (!this.#isTradingDay(exchange, dateOf(day))) day -= DAY_MS;
    return dateOf(day);
  }

  #isTradingDay(exchange: Exchange, date: string): boolean {
    const session = this.#calendar.sessionOf(exchange, date);
    return session !== null && (session.isKnown || !EVERY_YEAR.has(date.slice(5)));
  }
}

/** The last such day of a month, as its midnight in UTC. */
function lastWeekday(year: number, month: number, weekday: number): number {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return last.getTime() - ((last.getUTCDay() - weekday + 7) % 7) * DAY_MS;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
