/** The I/O worker, and a way to make it crash. */
import { BroadcastChannel } from 'node:worker_threads';

import '../../src/threads/io-worker.js';
import { CRASH_CHANNEL } from './crash-channel.js';

const channel = new BroadcastChannel(CRASH_CHANNEL);
channel.unref();
channel.onmessage = () => {
  throw new TypeError('provoked by the test');
};
