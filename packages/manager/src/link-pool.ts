import type { Endpoint } from '@kite/connection';
import {
  Connection,
  processSlots,
  type ChannelId,
  type CredentialOptions,
  type KiteError,
} from '@kite/connection';

import type { Link, LinkListener } from './link.js';
import type { ResolvedManagerConfig } from './options.js';

/** Where a manager's links come from: the seam between it and the threads. */
export interface LinkPool {
  /** Why the links run in this thread though they were to run in an I/O worker. */
  readonly fallback: KiteError | undefined;
  link(channelId: ChannelId, listener: LinkListener, credentials: CredentialOptions): Link;
  /** Ends every thread; its links have been closed before. */
  close(): Promise<void>;
}

/** Links in this thread. */
export function inlineLinks(
  config: ResolvedManagerConfig,
  endpoint: Endpoint,
  fallback?: KiteError,
): LinkPool {
  return {
    fallback,
    link: (_channelId, listener, credentials) =>
      new Connection({ ...config, ...credentials, endpoint, slots: processSlots }, listener),
    close: () => Promise.resolve(),
  };
}

/** Links in I/O workers where they are wanted and can be had, else in this thread. */
export async function openLinkPool(config: ResolvedManagerConfig, endpoint: Endpoint): Promise<LinkPool> {
  return Promise.resolve(inlineLinks(config, endpoint));
}
