import type { Clock } from '@kite/protocol';

import type { RandomSource } from '../random.js';
import type { Lane } from './lane.js';
import type { Machine } from './machine.js';
import type { Network } from './network.js';
import type { Scheduler } from './scheduler.js';
import type { Trace } from './trace.js';
import type { VirtualTransport } from './transport.js';
import { VirtualWorker } from './virtual-worker.js';

/** What a worker's body runs on: its thread's time, chance, sockets and mail. */
export interface WorkerPort {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly transport: VirtualTransport;
  /** To the thread that spawned it: arrives later, cloned, in order. */
  post(message: unknown): void;
  /** The one handler of messages from the spawning thread. What came before it was set is kept. */
  onMessage(handler: (message: unknown) => void): void;
}

/** What the spawning thread hears of a worker. */
export interface WorkerListener {
  message(message: unknown): void;
  /** May come before {@link exit}. */
  error(error: Error): void;
  /** The last call. */
  exit(code: number): void;
}

/** A worker as the spawning thread sees it. */
export interface WorkerHandle {
  /** Arrives later, cloned, in order. */
  post(message: unknown): void;
  /** To be called at once after `spawn()`. */
  listen(listener: WorkerListener): void;
  /** Ends it at once, also when it hangs. Resolves when it has ended. */
  terminate(): Promise<void>;
  /** Whether it keeps the process alive: means nothing here. */
  setAlive(isAlive: boolean): void;
}

/** Where workers run. */
interface WorkerHost {
  /** Starts a worker. `body` is called later, in the worker's own turn. */
  spawn(body: (port: WorkerPort) => void): WorkerHandle;
}

/** What workers are made of. */
export interface WorkerParts {
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly network: Network;
  readonly trace: Trace;
  readonly main: Lane;
  readonly seed: number;
}

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
