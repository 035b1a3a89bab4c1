import type { Clock } from '@kite/protocol';

import type { RandomSource } from '../random.js';
import type { VirtualTransport } from './transport.js';

// The interface behind `Symbol.for('@kite/io-worker')`, which says where a manager's I/O worker runs. Also declared in
// the manager's `threads/wire/worker-host.ts`, for the reason given in transport.ts.

/** What a worker's body runs on: its thread's time, random numbers, sockets and messages. */
export interface WorkerPort {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly transport: VirtualTransport;
  /** Sends to the spawning thread: arrives later, cloned, in order. */
  post(message: unknown): void;
  /** Sets the one handler of messages from the spawning thread. Earlier messages are kept for it. */
  onMessage(handler: (message: unknown) => void): void;
}

/** What a worker reports to the spawning thread. */
export interface WorkerListener {
  message(message: unknown): void;
  /** May come before {@link exit}. */
  error(error: Error): void;
  /** The last call. */
  exit(code: number): void;
}

/** A worker as the spawning thread sees it. */
export interface WorkerHandle {
  /** Sends to the worker: arrives later, cloned, in order. */
  post(message: unknown): void;
  /** Call it right after `spawn()`. */
  listen(listener: WorkerListener): void;
  /** Ends it at once, even when it hangs. Resolves when it has ended. */
  terminate(): Promise<void>;
  /** Whether it keeps the process alive; no effect here. */
  setAlive(isAlive: boolean): void;
}

/** Runs workers. */
export interface WorkerHost {
  /** Starts a worker. `body` is called later, in the worker's own turn. */
  spawn(body: (port: WorkerPort) => void): WorkerHandle;
}
