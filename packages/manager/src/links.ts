import { isKiteError, KiteError } from '@kite/protocol';

import { Connection, CONNECTION_DEFAULTS, type Endpoint, processSlots } from './connection-parts.js';
import type { Links } from './link.js';
import type { ResolvedManagerConfig } from './options.js';
import { openThreadedLinks } from './threads/main/threaded-links.js';
import type { SpawnWorker } from './threads/main/worker-session.js';
import { WorkerThread } from './threads/main/worker-thread.js';
import { ioWorkerKey } from './threads/wire/worker-host.js';
import { runIoWorker } from './threads/worker/run-io-worker.js';

/** Links in this thread. */
function inlineLinks(config: ResolvedManagerConfig, endpoint: Endpoint, fallback?: KiteError): Links {
  return {
    fallback,
    link: (_channelId, listener, credentials) =>
      new Connection({ ...config, ...credentials, endpoint, slots: processSlots }, listener),
    close: () => Promise.resolve(),
  };
}

/** Links in I/O workers where they are wanted and can be had, else in this thread. */
export async function openLinks(config: ResolvedManagerConfig, endpoint: Endpoint): Promise<Links> {
  if (!config.enableDedicatedParsers) return inlineLinks(config, endpoint);
  const injected = INJECTABLE.filter((name) => config[name] !== CONNECTION_DEFAULTS[name]);
  if (injected.length > 0 && !config[ioWorkerKey]) {
    const message = `the connections run in the main thread: functions cannot cross to an I/O worker (${injected.join(', ')})`;
    return inlineLinks(config, endpoint, new KiteError('KITE_MANAGER_THREADS_UNAVAILABLE', message));
  }
  try {
    return await openThreadedLinks(config, spawner(config));
  } catch (error) {
    if (isKiteError(error, 'KITE_MANAGER_THREADS_UNAVAILABLE')) return inlineLinks(config, endpoint, error);
    throw error;
  }
}

/** Where the workers run: in threads, or where a host of the caller's runs them, with this package's code all the same. */
function spawner({ [ioWorkerKey]: host, workerUrl }: ResolvedManagerConfig): SpawnWorker {
  if (!host) return (setup) => new WorkerThread(workerUrl, setup);
  return (setup) =>
    host.spawn((port) => {
      runIoWorker(port, setup);
    });
}

/** What lives in the main thread alone when it is not the default. */
const INJECTABLE = ['clock', 'random', 'transport'] as const;
