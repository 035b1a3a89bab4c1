import { textOf } from '@kite/kit';
import { KiteError } from '@kite/protocol';

/** The error reported for a listener that failed. */
export function listenerFailed(cause: unknown, type: string): KiteError {
  return new KiteError(
    'KITE_CONNECTION_LISTENER_FAILED',
    `a listener of '${type}' failed: ${textOf(cause)}`,
    {
      cause,
    },
  );
}
