import type { Mode, TickerState } from '@kite/protocol';

import type { WantedCredentials } from './credentials.js';
import type { Experience } from './retry.js';
import type { SourceStatus } from './source.js';

/** Everything that is wanted of a connection, each time. */
export interface Wanted {
  readonly isOpen: boolean;
  /** With another revision, these apply from now on. An open socket goes on; everything else is tried anew. */
  readonly credentials: WantedCredentials;
  /** Token to mode. It may change later: it is read before {@link Link.want} returns, and whenever a socket opens. */
  readonly modes: ReadonlyMap<number, Mode>;
  /** The revision of the modes: the link reports when its socket has been asked for a new one. 0: no report needed. */
  readonly revision: number;
  /** What the connections of the account have been through. */
  readonly experience: Experience;
}

/**
 * One connection as its owner sees it, in this thread or in another one. What arrives goes to the `SourceListener`
 * that the link was made with.
 */
export interface Link {
  readonly state: TickerState;
  /** Whether something arrives over it now; every change is reported. */
  readonly status: SourceStatus;
  /**
   * The revision of the credentials that the newest attempt was made with; undefined before the first. Once it has
   * failed: of those that it has failed with.
   */
  readonly dialled: number | undefined;
  /**
   * Says what is wanted. Repeating it changes nothing, and the next call makes up for a lost one. Only another revision
   * of the credentials reopens a connection that has failed.
   */
  want(wanted: Wanted): void;
}
