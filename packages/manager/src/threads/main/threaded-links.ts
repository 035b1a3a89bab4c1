import type { ChannelId } from '@kite/connection';

import { type Link, resolvedNetwork } from '../../connection-parts.js';
import type { LinkListener, Links } from '../../link.js';
import type { ResolvedManagerConfig } from '../../options.js';
import type { PlainConnectionConfig } from '../wire/messages.js';
import { IoThread, type IoThreadOwner } from './io-thread.js';
import type { SpawnWorker } from './worker-session.js';

/** Links in I/O workers, distributed by channel. */
class ThreadedLinks implements Links {
  readonly isolation = 'worker';
  readonly fallback = undefined;
  readonly #threads: readonly IoThread[];
  readonly #config: PlainConnectionConfig;

  constructor(threads: readonly IoThread[], config: PlainConnectionConfig) {
    this.#threads = threads;
    this.#config = config;
  }

  link(channelId: ChannelId, listener: LinkListener): Link {
    const thread = this.#threads[channelId % this.#threads.length]!;
    return thread.open(this.#config, listener);
  }

  get troubles(): string[] {
    return this.#threads.flatMap(({ trouble }) => trouble ?? []);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

/** Starts the workers. Rejects with `KITE_MANAGER_THREADS_UNAVAILABLE`, and then none is left running. */
export async function openThreadedLinks(
  config: ResolvedManagerConfig,
  spawn: SpawnWorker,
  owner: IoThreadOwner,
  signal: AbortSignal,
): Promise<Links> {
  const count = Math.min(config.ioThreads, config.maxConnections);
  const starts = Array.from({ length: count }, () => IoThread.start({ ...config, spawn, owner }, signal));
  const settled = await Promise.allSettled(starts);
  const threads = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = settled.find((start) => start.status === 'rejected');
  if (failed) {
    await Promise.all(threads.map((thread) => thread.terminate()));
    throw failed.reason;
  }
  return new ThreadedLinks(threads, plainConfig(config));
}

/** Without the functions, and without options that concern only the manager. */
function plainConfig(config: ResolvedManagerConfig): PlainConnectionConfig {
  return {
    url: config.url,
    allowInsecure: config.allowInsecure,
    connectionTimeoutMs: config.connectionTimeoutMs,
    heartbeatLivenessThresholdMs: config.heartbeatLivenessThresholdMs,
    reconnectDelayMs: config.reconnectDelayMs,
    maxReconnectDelayMs: config.maxReconnectDelayMs,
    maxReconnectAttempts: config.maxReconnectAttempts,
    stableAfterMs: config.stableAfterMs,
    rateLimitDelayMs: config.rateLimitDelayMs,
    unauthorizedRetryDelayMs: config.unauthorizedRetryDelayMs,
    maxPayloadBytes: config.maxPayloadBytes,
    startingForMs: config.failoverAfterMs,
    // The environment is read here: a worker has only a copy.
    ...resolvedNetwork(config),
  };
}
