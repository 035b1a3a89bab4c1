/** The I/O worker's file: {@link runIoWorker} on a thread's own time, chance, sockets and mail, with the main thread's network. */
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
    transport: wsTransport,
    post: (message) => parentPort?.postMessage(message),
    onMessage: (handler) => parentPort?.on('message', handler),
  },
  setup,
);
