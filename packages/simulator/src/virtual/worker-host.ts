import { VirtualWorker, type WorkerParts } from './virtual-worker.js';
import type { WorkerHandle, WorkerHost, WorkerPort } from './worker-port.js';

/** The I/O workers of the client's machine, one lane each. */
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

  /** Ends all of them without telling the spawning thread. */
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
