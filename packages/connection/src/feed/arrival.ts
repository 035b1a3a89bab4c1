import type { Clock } from '@kite/protocol';

/** When a frame arrived, by the monotonic clock. A frame from another thread has been under way since then. */
export function arrivalOf(receivedAt: number, clock: Clock): number {
  const underWayMs = clock.now() - receivedAt;
  // Wall clocks tick in whole milliseconds, so a difference of one says nothing; they are also set back.
  return clock.monotonic() - (underWayMs > 1 ? underWayMs : 0);
}
