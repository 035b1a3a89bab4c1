/** The I/O worker, and ways to make it crash and hang. */
import '../../src/threads/worker/io-worker.js';

import { spawnSync } from 'node:child_process';
import { BroadcastChannel } from 'node:worker_threads';

import { CRASH_CHANNEL } from './crash-channel.js';

const channel = new BroadcastChannel(CRASH_CHANNEL);
channel.unref();
channel.onmessage = (message) => {
  const { data } = message as { data: unknown };
  if (data === 'throw') throw new TypeError('provoked by the test');
  while (data === 'spin');
  spawnSync(process.execPath, ['--eval', 'setTimeout(() => undefined, 3000)']);
};
