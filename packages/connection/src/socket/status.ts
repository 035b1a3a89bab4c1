import type { MachineState } from './machine.js';
import type { SourceStatus } from './source.js';

/**
 * A connection that has received nothing for this long, in milliseconds, does not stream. The server sends something
 * every second.
 */
const SILENT_MS = 3000;

/** How long a connection may be silent and still stream, in milliseconds. */
export function silenceLimit(heartbeatLivenessThresholdMs: number): number {
  return Math.min(SILENT_MS, heartbeatLivenessThresholdMs);
}

/**
 * Whether something arrives over a connection now.
 *
 * @param isLate its first attempt has taken too long already
 * @param isSilent nothing has come for longer than {@link silenceLimit}
 */
export function statusOf(state: MachineState, isLate: boolean, isSilent: boolean): SourceStatus {
  switch (state.name) {
    case 'connecting':
      return state.isFirst && !isLate ? 'starting' : 'down';
    case 'open':
      return isSilent ? 'down' : 'streaming';
    default:
      return 'down';
  }
}
