import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package; the functions that take bytes or divisors throw those of `@kite/protocol` as well. */
export const RAW_ERRORS = {
  KITE_RAW_INVALID_OPTION: {
    cause: 'An option of TickColumns is unknown, or its value is not allowed.',
    cure: 'Use the option that the message suggests: capacity is a positive integer, depth true or false.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof RAW_ERRORS, unknown> {}
}
