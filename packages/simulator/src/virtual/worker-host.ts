import { VirtualWorker, type WorkerParts } from './virtual-worker.js';
import type { WorkerHandle, WorkerHost, WorkerPort } from './worker-port.js';

/** The I/O workers of the client's machine, each a lane of its own. */
export class VirtualWorkers implements WorkerHost {
  readonly #parts: WorkerParts;
  readonly #alive = new Set<VirtualWorker>();
  #spawned = 0;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Those that have not ended, oldest first. */
  get alive(): readonly VirtualWorker[] {
    return [...this.#alive];
  }

  /** Nothing of any of them is left, and nobody is told. */
  endAll(): void {
    for (const worker of this.alive) worker.vanish();
  }

  spawn(body: (port: WorkerPort) => void): WorkerHandle {
    const worker: VirtualWorker = new VirtualWorker(++this.#spawned, this.#parts, body, () =>
      this.#alive.delete(worker),
    );
    this.#alive.add(worker);
    return worker;
  }
}
