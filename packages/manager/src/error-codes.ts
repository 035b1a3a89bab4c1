import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const MANAGER_ERRORS = {
  KITE_MANAGER_INVALID_OPTION: {
    cause: 'An option is unknown, or its value is not allowed.',
    cure: 'The error names the option, the value and what is allowed; for an unknown option, the nearest known one.',
  },
  KITE_MANAGER_START_FAILED: {
    cause: 'No connection opened at its first attempt.',
    cure: 'See the reasons, one for each connection. Nothing is left running, and channels stay open; call start() again after the repair.',
  },
  KITE_MANAGER_STOPPED: {
    cause: 'The manager was stopped while start() was pending, or the signal of start() was aborted.',
    cure: 'Call start() again when you want to.',
  },
  KITE_MANAGER_CAPACITY: {
    cause: 'More instruments than maxConnections × maxSymbolsPerConnection. Nothing was subscribed.',
    cure: 'The error says how many would fit. Unsubscribe from some, or use several accounts (@kite/multi-api).',
  },
  KITE_MANAGER_NOT_SUBSCRIBED: {
    cause: 'changeMode() was called for instruments that are not subscribed; the error lists them.',
    cure: 'Subscribe first: subscribeSymbols(tokens, mode) does both.',
  },
  KITE_MANAGER_LAST_TICKS_OFF: {
    cause: 'getLastTick() was called, but last ticks are not kept.',
    cure: 'Set lastTicks: true. It is off by default because it decodes everything.',
  },
  KITE_MANAGER_SUBSCRIBER_CLOSED: {
    cause: 'A method was called on a closed subscriber.',
    cure: 'Create a new one: manager.subscriber().',
  },
  KITE_MANAGER_THREADS_UNAVAILABLE: {
    cause: 'The I/O worker could not start: a bundle without its file, a runtime without threads, no memory.',
    cure: 'The connections run in the main thread, and a blocked main thread costs connections. If a bundler moved the worker, set workerUrl. To run without a worker on purpose, set enableDedicatedParsers: false.',
  },
  KITE_MANAGER_WORKER_CRASHED: {
    cause: 'The I/O worker ended unexpectedly.',
    cure: 'Nothing: it is replaced, and its instruments are subscribed again. Please report the cause.',
  },
  KITE_MANAGER_WORKER_HUNG: {
    cause:
      'The I/O worker has shown no sign of life for two seconds. Time during which the main thread was blocked or the process paused does not count.',
    cure: 'Nothing: if it still hangs after heartbeatLivenessThresholdMs, it is replaced, and its instruments are subscribed again.',
  },
  KITE_MANAGER_TEXTS_LOST: {
    cause:
      'While the main thread was blocked, more texts arrived than the I/O worker keeps (1 MiB or 10 000). The error says how many were lost, and how many of them were orders.',
    cure: 'If orders were lost, ask the REST API for your orders. Do not block the main thread for minutes.',
  },
  KITE_MANAGER_RING_CORRUPT: {
    cause: 'A record between the I/O worker and the main thread was missing.',
    cure: 'Please report it: this is a bug.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof MANAGER_ERRORS, unknown> {}
}
