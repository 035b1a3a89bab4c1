import { Timer } from '@kite/kit';

import type { Command, WorkerMessage, WorkerSetup } from '../wire/messages.js';
import { RingMemory } from '../wire/ring-memory.js';
import type { WorkerPort } from '../wire/worker-host.js';
import { IoHost } from './io-host.js';
import { Outbox } from './outbox.js';
import { RingWriter } from './ring-writer.js';

/** How often the worker gives the main thread a sign of life. */
const STAMP_MS = 250;

/** The body of an I/O worker, wherever it runs: connects {@link IoHost} with the thread that started it. */
export function runIoWorker(port: WorkerPort, { ring }: WorkerSetup): void {
  const { clock, random, transport, hasOwnThread } = port;
  const post = (message: WorkerMessage): void => {
    port.post(message);
  };
  const memory = new RingMemory(ring);
  const wake = (): void => {
    post({ type: 'wake' });
  };
  const writer = new RingWriter(memory, wake, hasOwnThread ? clock : undefined);
  const host = new IoHost({ outbox: new Outbox(writer, clock), post, clock, random, transport });
  port.onMessage((command) => {
    host.handle(command as Command);
  });
  const life = new Timer(clock);
  const stamp = (): void => {
    memory.stampLife();
    life.set(STAMP_MS, stamp);
  };
  stamp();
  post({ type: 'ready' });
}
