import { checkOptions, type OptionRule, optionRules } from '@kite/kit';

import { CalendarError, checkName } from './error.js';
import { type Exchange, EXCHANGES, groupsOf, type InstrumentGroup } from './exchange.js';
import { clipped, EVENING, type Hours, regularHours } from './hours.js';
import { dateOfDay, type DayNumber, dayOf, parseDate, weekdayOf } from './ist.js';
import { type MarketPhase, type PhaseOptions, PHASES } from './phase.js';
import { type Session, sessionOfHours } from './session.js';
import type { Holiday, SpecialSession } from './special-day.js';
import { type SpecialDays, specialDays, type SpecialHours } from './special-days.js';

/** What to add to a calendar's built-in days. */
export interface MarketCalendarOptions {
  /** Further holidays. A day given again replaces the known one. */
  holidays?: readonly Holiday[] | undefined;
  /** Further special sessions. A day given again replaces the known one. */
  sessions?: readonly SpecialSession[] | undefined;
  /** Years that `holidays` lists in full: they count as known at every exchange. */
  knownYears?: readonly number[] | undefined;
}

/** A change of a market's phase. */
export interface PhaseChange {
  /** Unix milliseconds. */
  readonly at: number;
  /** The phase from then on. */
  readonly phase: MarketPhase;
}

/** How far ahead to look for changes, in days: more than any year of holidays. */
const HORIZON_DAYS = 400;
const MIDNIGHT = 24 * 60;
const NO_OPTIONS: PhaseOptions = Object.freeze({});

const LIST: OptionRule = { allowed: 'an array', accepts: Array.isArray };

const OPTIONS = {
  holidays: LIST,
  sessions: LIST,
  knownYears: {
    allowed: 'an array of years from 1970 to 9999',
    accepts: (value) =>
      Array.isArray(value) && value.every((year) => Number.isInteger(year) && year >= 1970 && year <= 9999),
  },
} satisfies Record<keyof MarketCalendarOptions, OptionRule>;

/**
 * The trading days, sessions and phases of India's exchanges. Pure: it reads no clock; the caller passes all times.
 *
 * Dates are texts `YYYY-MM-DD` in India, times are Unix milliseconds. Every method throws a {@link CalendarError} for an exchange,
 * a date, a time or an option that does not exist.
 */
export class MarketCalendar {
  readonly #days: ReadonlyMap<Exchange, SpecialDays>;
  /** The last requested session, by exchange and options: callers mostly repeat the same day. */
  readonly #last = new Map<string, { readonly day: DayNumber; readonly session: Session | null }>();

  /** @throws CalendarError for an unknown option, or an invalid holiday or session */
  constructor(options: MarketCalendarOptions = {}) {
    checkOptions(CalendarError, 'KITE_CALENDAR_INVALID_OPTION', options, OPTIONS);
    this.#days = specialDays(options.holidays ?? [], options.sessions ?? []);
    for (const { knownYears } of this.#days.values())
      for (const year of options.knownYears ?? []) knownYears.add(year);
  }

  /**
   * Whether an exchange has continuous trading on a date, however short. In an unknown year ({@link Session.isKnown})
   * every weekday counts as a trading day.
   */
  isTradingDay(exchange: Exchange, date: string): boolean {
    return this.sessionOf(exchange, date) !== null;
  }

  /** A date's trading at an exchange; null on holidays, and on weekends without a special session. */
  sessionOf(exchange: Exchange, date: string, options: PhaseOptions = NO_OPTIONS): Session | null {
    checkExchange(exchange, options);
    return this.#session(exchange, parseDate('date', date), options);
  }

  /** The phase at a time. */
  phaseAt(exchange: Exchange, at: number, options: PhaseOptions = NO_OPTIONS): MarketPhase {
    checkExchange(exchange, options);
    return this.#phase(exchange, at, options);
  }

  /** The first change of phase after a time; null if there is none within 400 days. */
  nextChange(exchange: Exchange, at: number, options: PhaseOptions = NO_OPTIONS): PhaseChange | null {
    const now = this.phaseAt(exchange, at, options);
    return this.#find(exchange, at, options, (phase) => phase !== now);
  }

  /**
   * How long after a time an exchange is in a phase, in milliseconds: 0 if it is then, null if not within 400 days.
   */
  until(
    exchange: Exchange,
    phase: MarketPhase,
    at: number,
    options: PhaseOptions = NO_OPTIONS,
  ): number | null {
    checkName('KITE_CALENDAR_INVALID_PHASE', 'phase', phase, PHASES);
    if (this.phaseAt(exchange, at, options) === phase) return 0;
    const found = this.#find(exchange, at, options, (one) => one === phase);
    return found === null ? null : found.at - at;
  }

  /** The last date of the last year with known holidays at an exchange; null if there is none. */
  knownUntil(exchange: Exchange): string | null {
    checkExchange(exchange, NO_OPTIONS);
    const last = Math.max(...this.#days.get(exchange)!.knownYears);
    return Number.isFinite(last) ? `${last}-12-31` : null;
  }

  #phase(exchange: Exchange, at: number, options: PhaseOptions): MarketPhase {
    const session = this.#session(exchange, dayOf(at), options);
    if (session !== null)
      for (const { phase, from, to } of session.phases) if (at >= from && at < to) return phase;
    return 'closed';
  }

  /** The first change to a wanted phase. Phases change only where one begins or ends. */
  #find(
    exchange: Exchange,
    at: number,
    options: PhaseOptions,
    isWanted: (phase: MarketPhase) => boolean,
  ): PhaseChange | null {
    const today = dayOf(at);
    for (let day = today; day <= today + HORIZON_DAYS; day++) {
      for (const { from, to } of this.#session(exchange, day, options)?.phases ?? []) {
        for (const edge of [from, to]) {
          if (edge <= at) continue;
          const phase = this.#phase(exchange, edge, options);
          if (isWanted(phase)) return { at: edge, phase };
        }
      }
    }
    return null;
  }

  #session(exchange: Exchange, day: DayNumber, options: PhaseOptions): Session | null {
    const key = `${exchange} ${options.group ?? ''} ${options.closingAuction === true}`;
    const last = this.#last.get(key);
    if (last?.day === day) return last.session;
    const session = this.#derive(exchange, day, options);
    this.#last.set(key, { day, session });
    return session;
  }

  #derive(exchange: Exchange, day: DayNumber, options: PhaseOptions): Session | null {
    const { closed, sessions, knownYears } = this.#days.get(exchange)!;
    const isKnown = knownYears.has(Number(dateOfDay(day).slice(0, 4)));
    const regular = regularHours(exchange, day, options);
    const special = sessions.get(day);
    if (special !== undefined)
      return sessionOfHours(exchange, day, special.name, isKnown, hoursOf(special) ?? regular);

    const weekday = weekdayOf(day);
    const holiday = closed.get(day);
    if (weekday === 0 || weekday === 6 || holiday === 'all-day') return null;
    const from = holiday === 'morning' ? EVENING : 0;
    const to = holiday === 'evening' ? EVENING : MIDNIGHT;
    return sessionOfHours(exchange, day, 'Regular', isKnown, clipped(regular, from, to));
  }
}

function hoursOf({ hours }: SpecialHours): readonly Hours[] | undefined {
  if (hours === undefined) return undefined;
  const { preOpen, open, close } = hours;
  return [
    ...(preOpen === undefined ? [] : [{ phase: 'pre-open' as const, from: preOpen, to: open }]),
    { phase: 'continuous', from: open, to: close },
  ];
}

function checkExchange(exchange: Exchange, options: PhaseOptions): void {
  checkName('KITE_CALENDAR_INVALID_EXCHANGE', 'exchange', exchange, EXCHANGES);
  // May run for each tick; without options there is nothing to check.
  if (options === NO_OPTIONS) return;
  checkOptions(CalendarError, 'KITE_CALENDAR_INVALID_OPTION', options, {
    closingAuction: optionRules.boolean,
    group: {
      allowed: groupsOf(exchange).join(', ') || `none: ${exchange} has no groups`,
      accepts: (value) => groupsOf(exchange).includes(value as InstrumentGroup),
    },
  });
}
