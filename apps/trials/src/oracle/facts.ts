import type { WireLog } from '../run/wire-log.js';
import type { Pauses } from './pauses.js';
import type { SentStates } from './sent-states.js';
import type { Wanted } from './wanted.js';

/** What is true, whatever the client says. */
export interface Facts {
  readonly sent: SentStates;
  readonly wire: WireLog;
  readonly wanted: Wanted;
  readonly pauses: Pauses;
  /** By the server's number of a connection, the client's, as far as it is known. */
  readonly channels: ReadonlyMap<number, number>;
  /** What nobody was handed, and everybody was told: it was lost between the I/O worker and the main thread. */
  readonly lostOnTheWay?: readonly { readonly at: number; readonly count: number }[];
  /** Something does not stream at the end: that is a breach of its own, and no gap can tell of it yet. */
  readonly isDownAtEnd?: boolean;
}
