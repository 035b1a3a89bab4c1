/** The I/O worker's file: connects {@link IoHost} with the thread that started it. Nothing else happens here. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock, wsTransport } from '@kite/connection';

import { systemRandom } from '../../connection-parts.js';
import type { Command, WorkerMessage, WorkerSetup } from '../wire/messages.js';
import { RingMemory } from '../wire/ring-memory.js';
import { IoHost } from './io-host.js';
import { Outbox } from './outbox.js';
import { RingWriter } from './ring-writer.js';

const post = (message: WorkerMessage): void => parentPort?.postMessage(message);
const { ring } = workerData as WorkerSetup;
const writer = new RingWriter(new RingMemory(ring), () => {
  post({ type: 'wake' });
});
const host = new IoHost({
  outbox: new Outbox(writer, systemClock),
  post,
  clock: systemClock,
  random: systemRandom,
  transport: wsTransport,
});
parentPort?.on('message', (command: Command) => {
  host.handle(command);
});
post({ type: 'ready' });
