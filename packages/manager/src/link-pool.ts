import type { Endpoint } from '@kite/connection';
import {
  Connection,
  CONNECTION_DEFAULTS,
  isKiteError,
  KiteError,
  processSlots,
  type ChannelId,
  type CredentialOptions,
} from '@kite/connection';

import type { Link, LinkListener } from './link.js';
import type { ResolvedManagerConfig } from './options.js';
import { openThreadedLinks } from './threads/threaded-links.js';

/** Where a manager's links come from: the seam between it and the threads. */
export interface LinkPool {
  /** Why the links run in this thread though they were to run in an I/O worker. */
  readonly fallback: KiteError | undefined;
  link(channelId: ChannelId, listener: LinkListener, credentials: CredentialOptions): Link;
  /** Ends every thread; its links have been closed before. */
  close(): Promise<void>;
}

/** Links in this thread. */
function inlineLinks(config: ResolvedManagerConfig, endpoint: Endpoint, fallback?: KiteError): LinkPool {
  return {
    fallback,
    link: (_channelId, listener, credentials) =>
      new Connection({ ...config, ...credentials, endpoint, slots: processSlots }, listener),
    close: () => Promise.resolve(),
  };
}

/** Links in I/O workers where they are wanted and can be had, else in this thread. */
export async function openLinkPool(config: ResolvedManagerConfig, endpoint: Endpoint): Promise<LinkPool> {
  if (!config.enableDedicatedParsers) return inlineLinks(config, endpoint);
  const injected = INJECTABLE.filter((name) => config[name] !== CONNECTION_DEFAULTS[name]);
  if (injected.length > 0) {
    const message = `the connections run in the main thread: functions cannot cross to an I/O worker (${injected.join(', ')})`;
    return inlineLinks(config, endpoint, new KiteError('KITE_MANAGER_THREADS_UNAVAILABLE', message));
  }
  try {
    return await openThreadedLinks(config);
  } catch (error) {
    if (isKiteError(error, 'KITE_MANAGER_THREADS_UNAVAILABLE')) return inlineLinks(config, endpoint, error);
    throw error;
  }
}

/** What lives in the main thread alone when it is not the default. */
const INJECTABLE = ['clock', 'random', 'transport'] as const;
