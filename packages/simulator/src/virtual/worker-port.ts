import type { Clock } from '@kite/protocol';

import type { RandomSource } from '../random.js';
import type { VirtualTransport } from './transport.js';

// What the simulator and a manager agree on behind `Symbol.for('@kite/io-worker')`: where the manager's I/O worker runs.
// Written down here and in the manager's `threads/wire/worker-host.ts`, for the reason given in transport.ts.

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
export interface WorkerHost {
  /** Starts a worker. `body` is called later, in the worker's own turn. */
  spawn(body: (port: WorkerPort) => void): WorkerHandle;
}
