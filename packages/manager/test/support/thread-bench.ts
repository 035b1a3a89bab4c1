import { type AccessToken, systemClock } from '@kite/connection';

import { uncountedSlots } from '../../src/connection-parts.js';
import { IoThread, type IoThreadOptions } from '../../src/threads/main/io-thread.js';
import type { ThreadedLink, ThreadedLinkOptions } from '../../src/threads/main/threaded-link.js';
import { WorkerThread } from '../../src/threads/main/worker-thread.js';
import type { PlainConnectionConfig } from '../../src/threads/wire/messages.js';
import { FAST } from './link-config.js';
import { RecordingListener } from './recording-listener.js';

/** An I/O thread with fast delays. */
export function startThread({
  workerUrl,
  ...options
}: Partial<IoThreadOptions> & { workerUrl?: URL } = {}): Promise<IoThread> {
  return IoThread.start({
    ringBytes: 1024 * 1024,
    spawn: (setup) => new WorkerThread(workerUrl, setup),
    clock: systemClock,
    random: () => 0.5,
    reconnectDelayMs: FAST.reconnectDelayMs,
    maxReconnectDelayMs: FAST.maxReconnectDelayMs,
    stableAfterMs: FAST.stableAfterMs,
    ...options,
  });
}

/** A link in the thread, and all that it says. */
export function openLink(
  thread: IoThread,
  url: string,
  {
    accessToken = 'token',
    config,
    ...options
  }: Partial<Omit<ThreadedLinkOptions, 'config'>> & {
    accessToken?: AccessToken;
    config?: Partial<PlainConnectionConfig>;
  } = {},
): { link: ThreadedLink; told: RecordingListener } {
  const told = new RecordingListener();
  const link = thread.open(
    { apiKey: 'key', accessToken, slots: uncountedSlots, config: { ...FAST, url, ...config }, ...options },
    told,
  );
  return { link, told };
}

/** Nothing at all happens in this thread for so long. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
