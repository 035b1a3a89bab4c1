import { isKiteError, type KiteError } from '@kite/protocol';

import { Connection, CONNECTION_DEFAULTS, type Endpoint } from './connection-parts.js';
import type { Isolation, Links } from './link.js';
import type { ResolvedManagerConfig } from './options.js';
import type { IoThreadOwner } from './threads/main/io-thread.js';
import { openThreadedLinks } from './threads/main/threaded-links.js';
import type { SpawnWorker } from './threads/main/worker-session.js';
import { WorkerThread } from './threads/main/worker-thread.js';
import { networkDefaults } from './threads/wire/network-defaults.js';
import { ioWorkerKey } from './threads/wire/worker-host.js';
import { runIoWorker } from './threads/worker/run-io-worker.js';

/** Links in this thread. */
function inlineLinks(config: ResolvedManagerConfig, endpoint: Endpoint, fallback?: KiteError): Links {
  return {
    isolation: 'inline',
    fallback,
    troubles: fallback ? [`the connections run in the main thread: ${fallback.message}`] : [],
    link: (_channelId, listener) =>
      new Connection({ ...config, endpoint, startingForMs: config.failoverAfterMs }, listener),
    close: () => Promise.resolve(),
  };
}

/**
 * Where the links will run. The caller's own clock, random source or transport cannot cross to a thread: with one of
 * them, and without a worker host, the links run in this thread.
 */
export function wantedIsolation(config: ResolvedManagerConfig): Isolation {
  const isOwn = INJECTABLE.some((name) => config[name] !== CONNECTION_DEFAULTS[name]);
  return config.enableDedicatedParsers && (!isOwn || config[ioWorkerKey]) ? 'worker' : 'inline';
}

/** Links in I/O workers if wanted and possible, else in this thread. The signal cancels workers still starting. */
export async function openLinks(
  config: ResolvedManagerConfig,
  endpoint: Endpoint,
  owner: IoThreadOwner,
  signal: AbortSignal,
): Promise<Links> {
  if (wantedIsolation(config) === 'inline') return inlineLinks(config, endpoint);
  try {
    return await openThreadedLinks(config, spawner(config), owner, signal);
  } catch (error) {
    if (isKiteError(error, 'KITE_MANAGER_THREADS_UNAVAILABLE')) return inlineLinks(config, endpoint, error);
    throw error;
  }
}

/** Spawns workers in threads or on the caller's host; both run this package's code. */
function spawner({ [ioWorkerKey]: host, workerUrl, url, tls }: ResolvedManagerConfig): SpawnWorker {
  if (!host) {
    const needsCertificates = url.startsWith('wss:') && tls?.ca === undefined;
    // Read for each worker, so that calls made before it starts count.
    return (setup) => new WorkerThread(workerUrl, { ...setup, network: networkDefaults(needsCertificates) });
  }
  return (setup) =>
    host.spawn((port) => {
      runIoWorker(port, setup);
    });
}

/** What lives in the main thread alone when it is not the default. */
const INJECTABLE = ['clock', 'random', 'transport'] as const;
