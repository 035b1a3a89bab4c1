import { CalendarError, checkName } from './error.js';
import { type Exchange, EXCHANGES, hasEvening } from './exchange.js';
import { DAYS_OF_2025 } from './holidays/2025.js';
import { DAYS_OF_2026 } from './holidays/2026.js';
import { type DayNumber, parseDate, parseMinutes } from './ist.js';
import type { Holiday, HolidayYear, SpecialSession } from './special-day.js';

/** The known years: their holidays and the sources. Missing years or exchanges are unknown. */
export const HOLIDAY_YEARS: readonly HolidayYear[] = [...DAYS_OF_2025, ...DAYS_OF_2026];

/** A special session, in minutes since midnight; without hours it has a normal day's. */
export interface SpecialHours {
  readonly name: string;
  readonly hours?: { readonly preOpen: number | undefined; readonly open: number; readonly close: number };
}

/** The special days of one exchange. */
export class SpecialDays {
  readonly closed = new Map<DayNumber, 'all-day' | 'morning' | 'evening'>();
  readonly sessions = new Map<DayNumber, SpecialHours>();
  readonly knownYears = new Set<number>();
}

/** The special days of each exchange: the known ones, then a user's own on top. */
export function specialDays(
  holidays: readonly Holiday[],
  sessions: readonly SpecialSession[],
): ReadonlyMap<Exchange, SpecialDays> {
  const all = new Map(EXCHANGES.map((exchange) => [exchange, new SpecialDays()]));
  for (const { exchanges, year, holidays: days, sessions: special } of HOLIDAY_YEARS) {
    for (const exchange of exchanges) all.get(exchange)!.knownYears.add(year);
    for (const [date, day] of Object.entries(days)) {
      const closed = typeof day === 'string' ? undefined : day[1];
      addHoliday(all, 'holidays', { exchange: exchanges, date, closed });
    }
    for (const session of special) addSession(all, 'sessions', { exchange: exchanges, ...session });
  }
  for (const [index, holiday] of holidays.entries()) addHoliday(all, `holidays[${index}]`, holiday);
  for (const [index, session] of sessions.entries()) addSession(all, `sessions[${index}]`, session);
  return all;
}

function addHoliday(all: Map<Exchange, SpecialDays>, field: string, holiday: Holiday): void {
  const day = parseDate(`${field}.date`, holiday.date);
  const closed = holiday.closed ?? 'all-day';
  for (const exchange of exchangesOf(`${field}.exchange`, holiday.exchange)) {
    const allowed = hasEvening(exchange)
      ? (['all-day', 'morning', 'evening'] as const)
      : (['all-day'] as const);
    checkName('KITE_CALENDAR_INVALID_OPTION', `${field}.closed`, closed, allowed);
    all.get(exchange)!.closed.set(day, closed);
  }
}

function addSession(all: Map<Exchange, SpecialDays>, field: string, session: SpecialSession): void {
  const day = parseDate(`${field}.date`, session.date);
  if (typeof session.name !== 'string' || session.name === '')
    throw refused(`${field}.name`, session.name, 'a text');
  const special = { name: session.name, ...hoursOf(field, session) };
  for (const exchange of exchangesOf(`${field}.exchange`, session.exchange)) {
    all.get(exchange)!.sessions.set(day, special);
  }
}

function hoursOf(field: string, { open, close, preOpen }: SpecialSession): Pick<SpecialHours, 'hours'> {
  if (open === undefined && close === undefined && preOpen === undefined) return {};
  const hours = {
    open: parseMinutes(`${field}.open`, open),
    close: parseMinutes(`${field}.close`, close),
    preOpen: preOpen === undefined ? undefined : parseMinutes(`${field}.preOpen`, preOpen),
  };
  if (hours.close <= hours.open)
    throw refused(`${field}.close`, close, `a time of day after ${String(open)}`);
  if (hours.preOpen !== undefined && hours.preOpen >= hours.open)
    throw refused(`${field}.preOpen`, preOpen, `a time of day before ${String(open)}`);
  return { hours };
}

function exchangesOf(field: string, exchange: Exchange | readonly Exchange[]): readonly Exchange[] {
  const list = Array.isArray(exchange) ? (exchange as readonly Exchange[]) : [exchange as Exchange];
  for (const one of list) checkName('KITE_CALENDAR_INVALID_EXCHANGE', field, one, EXCHANGES);
  return list;
}

function refused(field: string, value: unknown, allowed: string): CalendarError {
  return new CalendarError('KITE_CALENDAR_INVALID_OPTION', { field, value, allowed });
}
