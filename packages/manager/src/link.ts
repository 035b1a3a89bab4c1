import type { AccessToken, ChannelId, CredentialOptions } from '@kite/connection';
import type { KiteError, Mode, TickerState } from '@kite/protocol';

import type { ConnectionListener, Lag } from './connection-parts.js';

/**
 * One connection as the manager sees it, in this thread or in an I/O worker. What arrives goes to the
 * {@link ConnectionListener} that the link was made with; `@kite/connection`'s `Connection` is one as it stands.
 */
export interface Link {
  readonly state: TickerState;
  /** Token to mode: the desired state, whether connected or not. */
  readonly subscriptions: ReadonlyMap<number, Mode>;
  /** Resolves at the first open; rejects with a KiteError as `KiteTicker.connect` does. */
  connect(): Promise<void>;
  /** Resolves once the socket is gone, in two seconds at most. Idempotent. */
  close(): Promise<void>;
  /** Streams these instruments in these modes: new ones are subscribed, others change to theirs. */
  assign(modes: ReadonlyMap<number, Mode>): void;
  unsubscribe(tokens: readonly number[]): void;
  /** Used from the next attempt on; revives a failed connection. */
  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void;
}

/** Whom a link tells. Beside what a connection tells: data that was lost on its way through a full ring. */
export interface LinkListener extends ConnectionListener {
  /** So much was replaced by newer packets of the same instruments, before the next frame. */
  lagged(lag: Lag): void;
  /** Something went wrong between here and the connection, and ended nothing. */
  issue(error: KiteError): void;
}

/** Where a manager's links come from: the seam between it and the threads. */
export interface Links {
  /** Why the links run in this thread though they were to run in an I/O worker. */
  readonly fallback: KiteError | undefined;
  link(channelId: ChannelId, listener: LinkListener, credentials: CredentialOptions): Link;
  /** Ends every thread; its links have been closed before. */
  close(): Promise<void>;
}
