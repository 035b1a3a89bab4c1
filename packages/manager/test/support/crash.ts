import { BroadcastChannel } from 'node:worker_threads';

import { CRASH_CHANNEL } from './crash-channel.js';

/** An I/O worker that {@link crash} can end, and {@link hang} can stop. */
export const crashingWorker = new URL('./crashing-worker.js', import.meta.url);

/** Every such worker throws. */
export function crash(): void {
  tell('throw');
}

/** Every such worker hangs for three seconds, in the system: not even `terminate()` ends it before. */
export function hang(): void {
  tell('hang');
}

function tell(what: 'throw' | 'hang'): void {
  const channel = new BroadcastChannel(CRASH_CHANNEL);
  channel.postMessage(what);
  channel.close();
}
