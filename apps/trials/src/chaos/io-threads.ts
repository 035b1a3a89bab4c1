import { MessageChannel, type Worker } from 'node:worker_threads';

import type { Note } from './note.js';
import { sharedMs } from './shared-clock.js';
import type { Suffering } from './suffering.js';

interface IoThread {
  readonly worker: Worker;
  suffer(suffering: Suffering): void;
}

/** The I/O workers of this process: every thread it starts. */
export class IoThreads {
  readonly #alive = new Set<IoThread>();
  readonly #tell: (note: Note) => void;
  readonly #begin = (worker: Worker): void => this.#watch(worker);

  /** @param tell receives what their sockets see */
  constructor(tell: (note: Note) => void) {
    this.#tell = tell;
    process.on('worker', this.#begin);
  }

  get alive(): number {
    return this.#alive.size;
  }

  /** Ends one of them from outside, at any moment. False if there is none. */
  kill(which: number): boolean {
    const thread = this.#of(which);
    void thread?.worker.terminate();
    return thread !== undefined;
  }

  /** Does this to one of them. False if there is none. */
  suffer(which: number, suffering: Suffering): boolean {
    const thread = this.#of(which);
    thread?.suffer(suffering);
    return thread !== undefined;
  }

  /** Does this to all. */
  sufferAll(suffering: Suffering): void {
    for (const thread of this.#alive) thread.suffer(suffering);
  }

  close(): void {
    process.off('worker', this.#begin);
  }

  #of(which: number): IoThread | undefined {
    return [...this.#alive][which % Math.max(1, this.#alive.size)];
  }

  #watch(worker: Worker): void {
    const { port1, port2 } = new MessageChannel();
    const sockets = new Set<string>();
    port1.on('message', (note: Note) => {
      sockets.add(note.socket);
      this.#tell(note);
    });
    port1.unref();
    worker.postMessage({ chaos: port2 }, [port2]);
    const thread: IoThread = { worker, suffer: (suffering) => port1.postMessage(suffering) };
    this.#alive.add(thread);
    worker.once('exit', () => {
      this.#alive.delete(thread);
      const [at, wall] = [sharedMs(), Date.now()];
      // First take in its earlier notes: a port closed by its other end still delivers them.
      port1.once('close', () => {
        for (const socket of sockets) this.#tell({ type: 'left', socket, at, wall });
      });
    });
    // The manager reports the errors of a worker that is ending.
    worker.on('error', () => undefined);
  }
}
