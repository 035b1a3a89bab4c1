import { type AccessToken, systemClock } from '@kite/connection';

import { IoThread, type IoThreadOptions } from '../../src/threads/main/io-thread.js';
import { WorkerThread } from '../../src/threads/main/worker-thread.js';
import type { PlainConnectionConfig } from '../../src/threads/wire/messages.js';
import { FAST } from './link-config.js';
import { LinkDriver } from './link-driver.js';

/** An I/O thread with fast delays. */
export function startThread({
  workerUrl,
  ...options
}: Partial<IoThreadOptions> & { workerUrl?: URL } = {}): Promise<IoThread> {
  const owner = { changed: () => undefined, workerLost: () => undefined };
  const config: IoThreadOptions = {
    ringBytes: 1024 * 1024,
    latency: 'balanced',
    spawn: (setup) => new WorkerThread(workerUrl, setup),
    clock: systemClock,
    random: () => 0.5,
    reconnectDelayMs: FAST.reconnectDelayMs,
    maxReconnectDelayMs: FAST.maxReconnectDelayMs,
    stableAfterMs: FAST.stableAfterMs,
    heartbeatLivenessThresholdMs: FAST.heartbeatLivenessThresholdMs,
    owner,
    ...options,
  };
  return IoThread.start(config, new AbortController().signal);
}

/** A link in the thread, and its owner. */
export function openLink(
  thread: IoThread,
  url: string,
  {
    accessToken = 'token',
    config,
  }: { accessToken?: AccessToken; config?: Partial<PlainConnectionConfig> } = {},
): LinkDriver {
  const driver = new LinkDriver(systemClock, { accessToken });
  return driver.drives(thread.open({ ...FAST, url, ...config }, driver));
}

/** Nothing at all happens in this thread for this long. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
