import { BroadcastChannel } from 'node:worker_threads';

import { CRASH_CHANNEL } from './crash-channel.js';

/** An I/O worker that {@link crash} can end, and {@link hang} and {@link spin} can stop. */
export const crashingWorker = new URL('./crashing-worker.js', import.meta.url);

/** Every such worker throws. */
export function crash(): void {
  tell('throw');
}

/** Every such worker hangs for three seconds, in the system: not even `terminate()` ends it before. */
export function hang(): void {
  tell('hang');
}

/** Every such worker runs in circles for ever. */
export function spin(): void {
  tell('spin');
}

function tell(what: 'throw' | 'hang' | 'spin'): void {
  const channel = new BroadcastChannel(CRASH_CHANNEL);
  channel.postMessage(what);
  channel.close();
}
