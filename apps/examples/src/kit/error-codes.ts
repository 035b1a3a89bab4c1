// The codes of the examples' own errors, beside those of the packages: so a misspelt one does not compile here either.
declare module '@kite/protocol' {
  interface KiteErrorCodes {
    KITE_EXAMPLES_CREDENTIALS_MISSING: unknown;
    KITE_EXAMPLES_LISTEN_FAILED: unknown;
    KITE_EXAMPLES_LOGIN_FAILED: unknown;
    KITE_EXAMPLES_NO_ANSWER: unknown;
    KITE_EXAMPLES_NO_FAULTS: unknown;
  }
}

export {};
