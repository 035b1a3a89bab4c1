import type { Mode, TickerState } from '@kite/protocol';

import type { WantedCredentials } from './credentials.js';
import type { Experience } from './retry.js';
import type { SourceStatus } from './source.js';

/** What is wanted of a connection: all of it, each time. */
export interface Wanted {
  readonly isOpen: boolean;
  /** Another revision: with these credentials from now on. An open socket goes on; everything else is tried anew. */
  readonly credentials: WantedCredentials;
  /** Token to mode. It may change later: it is read before {@link Link.want} returns, and whenever a socket opens. */
  readonly modes: ReadonlyMap<number, Mode>;
  /** Of the modes: where it is a new one, the link tells when its socket has been asked for them. 0: nobody wants to know. */
  readonly revision: number;
  /** What the connections of the account have been through. */
  readonly experience: Experience;
}

/**
 * One connection as its owner sees it, in this thread or in another one. What arrives goes to the `SourceListener` that the
 * link was made with.
 */
export interface Link {
  readonly state: TickerState;
  /** Whether something arrives over it now; every change is told. */
  readonly status: SourceStatus;
  /** The revision of the credentials that the newest attempt was made with; undefined before the first. */
  readonly dialled: number | undefined;
  /**
   * Says what is wanted. Repeating it changes nothing, and the next call makes up for one that was lost. A connection that has
   * failed is opened again by another revision of the credentials alone.
   */
  want(wanted: Wanted): void;
}
