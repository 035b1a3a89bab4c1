// The codes of the examples' own errors, added to those of the packages, so that a misspelt one does not compile.
declare module '@kite/protocol' {
  interface KiteErrorCodes {
    KITE_EXAMPLES_CREDENTIALS_MISSING: unknown;
    KITE_EXAMPLES_LISTEN_FAILED: unknown;
    KITE_EXAMPLES_LOGIN_FAILED: unknown;
    KITE_EXAMPLES_NO_ANSWER: unknown;
    KITE_EXAMPLES_NO_FAULTS: unknown;
    KITE_EXAMPLES_NO_NATS: unknown;
  }
}

export {};
