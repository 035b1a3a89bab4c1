import type { CalendarErrorCode } from '@kite/calendar';
import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package; those of `@kite/calendar` can be thrown as well. */
export const BARS_ERRORS = {
  KITE_BARS_INVALID_OPTION: {
    cause:
      'An option is unknown, or its value is not allowed: an invalid interval, or repair for bars that have no history.',
    cure: 'Correct the option that the message names; it says what is allowed.',
  },
  KITE_BARS_INVALID_INPUT: {
    cause:
      'The argument of push() is not an array of ticks, a batch or a message of a feed, or a tick has no token or no price.',
    cure: 'Push an array of ticks, an item of ticks() or an item of messages().',
  },
  KITE_BARS_UNKNOWN_TIME: {
    cause: 'A tick without the exchange’s time (ltp, quote) was pushed without its time of arrival.',
    cure: 'Push the batch or the message of the feed, which has receivedAt, or pass the time of arrival as the second argument.',
  },
  KITE_BARS_INVALID_RESAMPLE: {
    cause: 'A bar does not fit into the coarser bars: it is longer, or it crosses one of their edges.',
    cure: 'Resample into an interval that is a multiple of the bars’ own, with the calendar that they were built with.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof BARS_ERRORS | CalendarErrorCode, unknown> {}
}
