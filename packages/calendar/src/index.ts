export { CalendarError } from './error.js';
export { CALENDAR_ERRORS, type CalendarErrorCode } from './error-codes.js';
export { type Exchange, EXCHANGES, type InstrumentGroup } from './exchange.js';
export { istDateOf, istTimeOf } from './ist.js';
export { MarketCalendar, type MarketCalendarOptions, type PhaseChange } from './market-calendar.js';
export type { MarketPhase, PhaseOptions, PhaseSpan } from './phase.js';
export type { Session } from './session.js';
export type { Holiday, HolidaySource, HolidayYear, SpecialSession } from './special-day.js';
export { HOLIDAY_YEARS } from './special-days.js';
