import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const MULTI_API_ERRORS = {
  KITE_MULTI_API_INVALID_OPTION: {
    cause: 'An option is unknown, or its value is not allowed.',
    cure: 'The error names the option, the value and what is allowed; for an unknown option, the nearest known one.',
  },
  KITE_MULTI_API_UNKNOWN_ACCOUNT: {
    cause: 'No account has this id.',
    cure: 'The error lists the known ids. Add the account with addApiKey().',
  },
  KITE_MULTI_API_DUPLICATE_ACCOUNT: {
    cause: 'An account with this id exists already.',
    cure: 'Choose another id, or give the account new credentials with updateCredentials().',
  },
  KITE_MULTI_API_NO_ACCOUNTS: {
    cause: 'The manager has no accounts.',
    cure: 'Add one with addApiKey().',
  },
  KITE_MULTI_API_START_FAILED: {
    cause: 'No connection of any account opened at its first attempt.',
    cure: 'See the reasons. Nothing is left running, and channels stay open; call start() again after the repair.',
  },
  KITE_MULTI_API_STOPPED: {
    cause: 'The manager was stopped while start() was pending, or the signal of start() was aborted.',
    cure: 'Call start() again when you want to.',
  },
  KITE_MULTI_API_MANUAL_DISTRIBUTION: {
    cause: "subscribeSymbols() was called under the distribution strategy 'manual'.",
    cure: 'Call subscribeSymbolsToApi(id, tokens, mode), or choose another strategy.',
  },
  KITE_MULTI_API_CAPACITY: {
    cause:
      'More instruments (with replicas: copies of them) than all accounts can hold. Nothing was subscribed.',
    cure: 'The error says how many would fit. Unsubscribe from some, or add an account.',
  },
  KITE_MULTI_API_NOT_SUBSCRIBED: {
    cause: 'changeMode() was called for instruments that are not subscribed; the error lists them.',
    cure: 'Subscribe first: subscribeSymbols(tokens, mode) does both.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof MULTI_API_ERRORS, unknown> {}
}
