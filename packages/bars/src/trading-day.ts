import { type Exchange, istDateOf, istTimeOf, type MarketCalendar } from '@kite/calendar';
import { Segment, segmentOf } from '@kite/protocol';

/** The part of a calendar that bars need. */
export type BarCalendar = Pick<MarketCalendar, 'sessionOf'>;

/** One day of an exchange. */
export interface TradingDay {
  /** Midnight in India, Unix milliseconds. */
  readonly from: number;
  /** The next midnight. */
  readonly to: number;
  /** The start of continuous trading; bars are counted from here. */
  readonly open: number;
  /** The latest possible trade of the session, closing auction included. */
  readonly end: number;
}

const DAY_MS = 86_400_000;

const EXCHANGES: Readonly<Record<number, Exchange>> = {
  [Segment.NSE]: 'NSE',
  [Segment.NFO]: 'NFO',
  [Segment.CDS]: 'CDS',
  [Segment.BSE]: 'BSE',
  [Segment.BFO]: 'BFO',
  [Segment.BCD]: 'BCD',
  [Segment.MCX]: 'MCX',
  // Indices of NSE and BSE keep the same hours.
  [Segment.INDICES]: 'NSE',
  [Segment.NCO]: 'NCO',
};

/** The days of one exchange. Nearly every tick is of the day requested last. */
export class TradingDays {
  readonly #exchange: Exchange | undefined;
  readonly #calendar: BarCalendar;
  #last: TradingDay = { from: 0, to: 0, open: 0, end: 0 };

  constructor(exchange: Exchange | undefined, calendar: BarCalendar) {
    this.#exchange = exchange;
    this.#calendar = calendar;
  }

  at(time: number): TradingDay {
    if (time >= this.#last.from && time < this.#last.to) return this.#last;
    const date = istDateOf(time);
    const from = istTimeOf(date, '00:00');
    const to = from + DAY_MS;
    return (this.#last = { from, to, ...this.#hours(date, from, to) });
  }

  /** Without a session, or for an unknown exchange, bars run from midnight to midnight. */
  #hours(date: string, from: number, to: number): { open: number; end: number } {
    const exchange = this.#exchange;
    // The calendar does not know which stocks have derivatives: use the auction's hours for all; that does no harm.
    const session = exchange && this.#calendar.sessionOf(exchange, date, { closingAuction: true });
    if (!session) return { open: from, end: to };
    const ends = session.phases.filter(({ phase }) => phase !== 'post-close').map((phase) => phase.to);
    return { open: session.open, end: Math.max(...ends) };
  }
}

/** The days of each exchange, by the segment of a token. */
export class Exchanges {
  readonly #days = new Map<Exchange | undefined, TradingDays>();
  readonly #calendar: BarCalendar;

  constructor(calendar: BarCalendar) {
    this.#calendar = calendar;
  }

  daysOf(instrumentToken: number): TradingDays {
    const exchange = EXCHANGES[segmentOf(instrumentToken)];
    let days = this.#days.get(exchange);
    if (!days) this.#days.set(exchange, (days = new TradingDays(exchange, this.#calendar)));
    return days;
  }
}

/** The start of the bar at a time, in a day with bars this long. */
export function startOf(day: TradingDay, time: number, lengthMs: number): number {
  if (lengthMs === Infinity) return day.open;
  return day.open + Math.floor((time - day.open) / lengthMs) * lengthMs;
}
