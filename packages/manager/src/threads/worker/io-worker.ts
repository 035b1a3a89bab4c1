/** The I/O worker's file: {@link runIoWorker} on a thread's own time, chance, sockets and mail. Nothing else happens here. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock, wsTransport } from '@kite/connection';

import { systemRandom } from '../../connection-parts.js';
import type { WorkerSetup } from '../wire/messages.js';
import { runIoWorker } from './run-io-worker.js';

runIoWorker(
  {
    clock: systemClock,
    random: systemRandom,
    transport: wsTransport,
    post: (message) => parentPort?.postMessage(message),
    onMessage: (handler) => parentPort?.on('message', handler),
  },
  workerData as WorkerSetup,
);
