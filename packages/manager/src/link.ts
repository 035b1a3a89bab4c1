import type { ChannelId } from '@kite/connection';
import type { KiteError } from '@kite/protocol';

import type { Link, SourceListener } from './connection-parts.js';

/** Receives what a link delivers. */
export interface LinkListener extends SourceListener {
  /** Something went wrong between here and the connection, but nothing ended. */
  issue(error: KiteError): void;
}

/** The pause between dials, in ms: three handshakes at once look like an attack to a load balancer. */
export const STAGGER_MS = 50;

/** Where connections run: in an I/O worker, or in the thread of the manager. */
export type Isolation = 'worker' | 'inline';

/** Where a manager's links come from: the seam between it and the threads. */
export interface Links {
  readonly isolation: Isolation;
  /** Why the links run in this thread although an I/O worker was wanted. */
  readonly fallback: KiteError | undefined;
  /** What is wrong with the workers now, in words. */
  readonly troubles: readonly string[];
  link(channelId: ChannelId, listener: LinkListener): Link;
  /** Ends every thread. The links are closed already. */
  close(): Promise<void>;
}
