import { BroadcastChannel } from 'node:worker_threads';

import { CRASH_CHANNEL } from './crash-channel.js';

/** An I/O worker that {@link crash} can end. */
export const crashingWorker = new URL('./crashing-worker.js', import.meta.url);

/** Every such worker throws. */
export function crash(): void {
  const channel = new BroadcastChannel(CRASH_CHANNEL);
  channel.postMessage('now');
  channel.close();
}
