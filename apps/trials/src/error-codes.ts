// The codes of the trials' own errors, beside those of the packages.
declare module '@kite/protocol' {
  interface KiteErrorCodes {
    KITE_TRIALS_INVALID_OPTION: unknown;
  }
}

export {};
