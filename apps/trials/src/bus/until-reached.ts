import { setTimeout as delay } from 'node:timers/promises';
import { isKiteError } from '@kite/protocol';

const AGAIN_AFTER_MS = 200;

/** Opens something on a server that may just be down, as whatever supervises a program would: again and again. */
export async function untilReached<T>(open: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await open();
    } catch (error) {
      if (!isKiteError(error, 'KITE_NATS_UNREACHABLE') && !isKiteError(error, 'KITE_NATS_STREAM_FAILED'))
        throw error;
      await delay(AGAIN_AFTER_MS);
    }
}
