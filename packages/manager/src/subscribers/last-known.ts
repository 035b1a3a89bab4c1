import type { Tick } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';

/** What is known of an instrument. */
export interface LastKnown {
  /** The newest tick; undefined before the first. */
  last: Tick | undefined;
  /** When its frame reached the socket, Unix milliseconds. */
  receivedAt: number;
  /** Its source. */
  source: SourceTag | undefined;
  /** The market may have moved unseen since that tick: the next one is news even if it shows the same. */
  isInterrupted: boolean;
}
