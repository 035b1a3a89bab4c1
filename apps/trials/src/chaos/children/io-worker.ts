/** An I/O worker with watched sockets: its own port carries their notes out and the faults to act out in. */
import { type MessagePort, parentPort, threadId, workerData } from 'node:worker_threads';
import { wsTransport } from '@kite/connection';
import { KiteTickerManager, managerSeam } from '@kite/manager';

import type { Note } from '../note.js';
import { SocketWatch } from '../socket-watch.js';
import type { Suffering } from '../suffering.js';

const { runIoWorker } = KiteTickerManager[managerSeam];

const early: Note[] = [];
let tell = (note: Note): void => void early.push(note);
const watch = new SocketWatch(`worker-${threadId}`, (note) => {
  tell(note);
});

runIoWorker(
  {
    clock: watch.clock,
    random: () => Math.random(),
    transport: watch.over(wsTransport),
    hasOwnThread: true,
    post: (message) => parentPort?.postMessage(message),
    onMessage: (handler) =>
      parentPort?.on('message', (message: object) => {
        if ('chaos' in message) watched(message.chaos as MessagePort);
        else handler(message);
      }),
  },
  workerData as Parameters<typeof runIoWorker>[1],
);

function watched(port: MessagePort): void {
  tell = (note) => {
    port.postMessage(note);
  };
  for (const note of early.splice(0)) tell(note);
  port.on('message', suffer);
  port.unref();
}

function suffer(suffering: Suffering): void {
  switch (suffering.type) {
    case 'cut':
      watch.cut(suffering);
      break;
    case 'hang':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, suffering.forMs);
      break;
    case 'crash':
      throw new Error('an I/O worker crashes, as it was told');
  }
}
