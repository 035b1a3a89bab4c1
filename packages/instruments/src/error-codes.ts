import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const INSTRUMENTS_ERRORS = {
  KITE_INSTRUMENTS_INVALID_OPTION: {
    cause: 'An option or an argument is unknown, or has a value that it does not take.',
    cure: 'The error names the option, the value and what is allowed; for an unknown option, the nearest known one.',
  },
  KITE_INSTRUMENTS_INVALID_LIST: {
    cause:
      'The text is no list of instruments: it is empty, it is still compressed, or its first line has no column instrument_token or has a column twice. A page with an error message is the usual reason.',
    cure: 'Look at the first line, which the error shows. Pass the CSV of Kite, uncompressed, with its header.',
  },
  KITE_INSTRUMENTS_LOAD_FAILED: {
    cause:
      'The list could not be fetched, and no list of an earlier day is in the cache. The error has the status and the beginning of the answer where the server gave one.',
    cure: 'See the cause. With cacheDir the list of an earlier day is used until the server answers again.',
  },
  KITE_INSTRUMENTS_ABORTED: {
    cause: 'The AbortSignal given to load() was aborted before the list was there.',
    cure: 'Call load() again when you want to.',
  },
  KITE_INSTRUMENTS_NOT_LOADED: {
    cause: 'watch() was called for a list that parse() made: nobody knows where it could be loaded again.',
    cure: 'Use Instruments.load(), which knows where its list came from.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof INSTRUMENTS_ERRORS, unknown> {}
}
