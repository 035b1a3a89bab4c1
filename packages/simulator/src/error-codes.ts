import type { ErrorCodeEntry } from '@kite/kit';

/** Every error code of this package. */
export const SIMULATOR_ERRORS = {
  KITE_SIMULATOR_INVALID_OPTION: {
    cause: 'An option of startSimulator or simulateDay is unknown, or its value is not allowed.',
    cure: 'The message names the option, the value and what is allowed.',
  },
  KITE_SIMULATOR_INVALID_ARGUMENT: {
    cause: 'An argument of a method of the simulator is not allowed.',
    cure: 'The message names the argument, the value and what is allowed.',
  },
  KITE_SIMULATOR_LISTEN_FAILED: {
    cause: 'The simulator cannot listen on the port: it is in use, or not permitted.',
    cure: 'Choose another port, or 0 for any free one.',
  },
  KITE_SIMULATOR_STOPPED: {
    cause: 'The simulator or the virtual day was stopped.',
    cure: 'Start a new one.',
  },
  KITE_SIMULATOR_NOT_SUBSCRIBED: {
    cause: 'A subscription that a test awaited with subscribed() did not come in time.',
    cure: 'Check the token and the mode that the client asks for, in `simulator.requests`; or allow more with timeoutMs.',
  },
  KITE_SIMULATOR_DAY_RUNNING: {
    cause: 'run() or runUntil() was called while the virtual day was already running.',
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
    cause: 'The file is not a recording, or it is corrupt at the offset that the message names.',
    cure: 'Check that RecordingWriter wrote it, and that it was copied completely, as binary.',
  },
  KITE_RECORDING_VERSION: {
    cause: 'The recording was written by a newer version of this package.',
    cure: 'Update @kite/simulator.',
  },
  KITE_RECORDING_TRUNCATED: {
    cause: 'The recording ends in the middle of a record, as after a crash or a full disk.',
    cure: 'Every whole record has been read; pass allowTruncated to accept that as a normal end.',
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
