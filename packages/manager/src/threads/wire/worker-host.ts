import type { RandomSource, Transport } from '@kite/connection';
import type { Clock } from '@kite/protocol';

/** The key of the option that holds a {@link WorkerHost}. */
export const ioWorkerKey: unique symbol = Symbol.for('@kite/io-worker') as never;

/**
 * Runs I/O workers in place of `node:worker_threads`, as in virtual time. It only schedules: the manager supplies the
 * worker's code, and shares the memory of the ring with it.
 */
export interface WorkerHost {
  /** Starts a worker. `body` is called later, in the worker's own turn. */
  spawn(body: (port: WorkerPort) => void): WorkerHandle;
}

/** What the body of a worker runs on: its clock, random source, sockets and messages. */
export interface WorkerPort {
  /** Its timers run in the worker. */
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Its callbacks run in the worker. */
  readonly transport: Transport;
  /** Whether nothing else runs in its thread, so that it may block for a moment. Default: false. */
  readonly hasOwnThread?: boolean;
  /** Sends to the thread that spawned it; arrives later, cloned and in order. */
  post(message: unknown): void;
  /** Sets the one handler of messages from that thread. Messages that came before it was set are kept. */
  onMessage(handler: (message: unknown) => void): void;
}

/** Notified, in the thread that spawned a worker, of what the worker does. */
export interface WorkerListener {
  message(message: unknown): void;
  /** It has crashed, or a message could not be read. */
  error(error: Error): void;
  /** It has ended, by itself or by {@link WorkerHandle.terminate}. The last call. */
  exit(code: number): void;
}

/** A worker as the thread that spawned it sees it. */
export interface WorkerHandle {
  /** Arrives later in the worker, cloned and in order. */
  post(message: unknown): void;
  /** Called once, right after the spawn. */
  listen(listener: WorkerListener): void;
  /** Ends it at once, even if it hangs: none of its code runs after this. Resolves when it has ended. */
  terminate(): Promise<void>;
  /** Whether it keeps the process alive. */
  setAlive(isAlive: boolean): void;
}
