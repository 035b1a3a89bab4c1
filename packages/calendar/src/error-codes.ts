import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const CALENDAR_ERRORS = {
  KITE_CALENDAR_INVALID_EXCHANGE: {
    cause: 'The calendar does not know this exchange.',
    cure: 'Use a name of Kite’s instruments list: NSE, BSE, NFO, BFO, CDS, BCD, MCX or NCO.',
  },
  KITE_CALENDAR_INVALID_DATE: {
    cause: 'A date is not a day in the years 1970 to 9999, or is not written as YYYY-MM-DD.',
    cure: 'Pass a text such as 2026-08-03. istDateOf gives the date in India of a time in Unix milliseconds.',
  },
  KITE_CALENDAR_INVALID_TIME: {
    cause:
      'A time is not a number of Unix milliseconds in the years 1970 to 9999, or a time of day is not written as HH:MM.',
    cure: 'Pass Date.now() or another number of milliseconds, not a Date; a time of day as 09:15.',
  },
  KITE_CALENDAR_INVALID_PHASE: {
    cause: 'A phase is not one of closed, pre-open, continuous, closing-auction and post-close.',
    cure: 'Use one of the five names.',
  },
  KITE_CALENDAR_INVALID_OPTION: {
    cause:
      'An option is unknown, or its value is not allowed: a group that the exchange does not have, a session that closes before it opens.',
    cure: 'Correct the option that the message names; it says what is allowed.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** A code of an error of this package. */
export type CalendarErrorCode = keyof typeof CALENDAR_ERRORS;
