/** The I/O worker's file: {@link runIoWorker} in a thread of its own, with the network defaults of the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock, wsTransport } from '@kite/connection';

import { systemRandom } from '../../connection-parts.js';
import type { WorkerSetup } from '../wire/messages.js';
import { applyNetworkDefaults } from '../wire/network-defaults.js';
import { runIoWorker } from './run-io-worker.js';

const setup = workerData as WorkerSetup;
if (setup.network) applyNetworkDefaults(setup.network);

runIoWorker(
  {
    clock: systemClock,
    random: systemRandom,
    hasOwnThread: true,
    transport: wsTransport,
    post: (message) => parentPort?.postMessage(message),
    onMessage: (handler) => parentPort?.on('message', handler),
  },
  setup,
);
