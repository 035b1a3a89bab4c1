import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const INSTRUMENTS_ERRORS = {
  KITE_INSTRUMENTS_INVALID_OPTION: {
    cause: 'An option or an argument is unknown, or its value is not allowed.',
    cure: 'The error names the option, the value and what is allowed; for an unknown option, the nearest known one.',
  },
  KITE_INSTRUMENTS_INVALID_LIST: {
    cause:
      'The text is not a list of instruments: it is empty or still compressed, or its first line has no column instrument_token or has a column twice. Usually it is a page with an error message.',
    cure: 'Look at the first line, which the error shows. Pass the CSV of Kite, uncompressed, with its header.',
  },
  KITE_INSTRUMENTS_LOAD_FAILED: {
    cause:
      'The list could not be fetched, and the cache has no list of an earlier day. The error has the status and the beginning of the server’s answer, if any.',
    cure: 'See the cause. With cacheDir, the list of an earlier day is used until the server answers again.',
  },
  KITE_INSTRUMENTS_ABORTED: {
    cause: 'The AbortSignal given to load() was aborted before the list was loaded.',
    cure: 'Call load() again when you want to.',
  },
  KITE_INSTRUMENTS_NOT_LOADED: {
    cause: 'watch() was called on a list from parse(), which has no address to load it from.',
    cure: 'Use Instruments.load(), which remembers the address.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof INSTRUMENTS_ERRORS, unknown> {}
}
