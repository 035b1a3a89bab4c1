import type { WireLog } from '../run/wire-log.js';
import type { Pauses } from './pauses.js';
import type { SentStates } from './sent-states.js';
import type { Wanted } from './wanted.js';

/** What is true, whatever the client reports. */
export interface Facts {
  readonly sent: SentStates;
  readonly wire: WireLog;
  readonly wanted: Wanted;
  readonly pauses: Pauses;
  /** The client's connection by the server's number, where known. */
  readonly channels: ReadonlyMap<number, number>;
  /** States lost between the I/O worker and the main thread: no consumer got them, and every consumer was informed. */
  readonly lostOnTheWay?: readonly { readonly at: number; readonly count: number }[];
  /** Something does not stream at the end: a breach of its own, which no gap can report yet. */
  readonly isDownAtEnd?: boolean;
}
