import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const SIMULATOR_ERRORS = {
  KITE_SIMULATOR_INVALID_OPTION: {
    cause: 'An option of startSimulator or simulateDay is unknown, or has a value that it does not accept.',
    cure: 'The message names the option, the value and what is allowed.',
  },
  KITE_SIMULATOR_INVALID_ARGUMENT: {
    cause: 'A method of the simulator was given a value that it does not accept.',
    cure: 'The message names the argument, the value and what is allowed.',
  },
  KITE_SIMULATOR_LISTEN_FAILED: {
    cause: 'The port cannot be listened on: it is taken, or not permitted.',
    cure: 'Choose another port, or 0 for one that is free.',
  },
  KITE_SIMULATOR_STOPPED: {
    cause: 'The simulator, or the virtual day, was stopped and cannot go on.',
    cure: 'Start a new one.',
  },
  KITE_SIMULATOR_NOT_SUBSCRIBED: {
    cause: 'A test waited with subscribed() for a subscription that did not come in time.',
    cure: 'Check the token and the mode that the client asks for, in `simulator.requests`; or allow more with timeoutMs.',
  },
  KITE_SIMULATOR_DAY_RUNNING: {
    cause: 'A virtual day was to run while it was running.',
    cure: 'Await each run() and runUntil() before the next.',
  },
  KITE_SIMULATOR_DAY_STUCK: {
    cause:
      'A million events have happened at one moment of a virtual day, each set by another: time cannot go on.',
    cure: 'Look in the trace for what repeats; traceLines keeps a line for each event.',
  },
  KITE_SIMULATOR_DAY_OVER: {
    cause: 'A promise that runUntil() waited for had not settled when the virtual day ended.',
    cure: 'Look in the trace for what it waits for; traceLines keeps a line for each event.',
  },
  KITE_RECORDING_INVALID: {
    cause: 'The file is no recording, or its bytes make no sense at the offset that the message names.',
    cure: 'Check that it was written by RecordingWriter and copied whole, in binary.',
  },
  KITE_RECORDING_VERSION: {
    cause: 'The recording was written by a newer version of this package.',
    cure: 'Update @kite/simulator.',
  },
  KITE_RECORDING_TRUNCATED: {
    cause: 'The recording ends in the middle of a record, as after a crash or a full disk.',
    cure: 'Every whole record has been read; pass allowTruncated to take that for a normal end.',
  },
  KITE_RECORDING_CLOSED: {
    cause: 'write() was called after the recording was closed.',
    cure: 'Close the writer after the last frame.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

declare module '@kite/protocol' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that it can be added to
  interface KiteErrorCodes extends Record<keyof typeof SIMULATOR_ERRORS, unknown> {}
}
