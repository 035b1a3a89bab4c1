import type { Clock } from '@kite/protocol';

/** When a frame arrived, by the monotonic clock: one that came through another thread was under way since. */
export function arrivalOf(receivedAt: number, clock: Clock): number {
  const underWayMs = clock.now() - receivedAt;
  // Wall clocks tick in whole milliseconds, so that a difference of one says nothing; and they are set back.
  return clock.monotonic() - (underWayMs > 1 ? underWayMs : 0);
}
