import { Deadline } from '@kite/kit';
import { type Clock, KiteError } from '@kite/protocol';

import type { Command, WorkerMessage, WorkerSetup } from '../wire/messages.js';
import { RingMemory } from '../wire/ring-memory.js';
import type { WorkerHandle } from '../wire/worker-host.js';
import { Drain } from './drain.js';
import { type RecordSink, RingReader } from './ring-reader.js';
import { toError } from './to-error.js';

/** Starts a worker. */
export type SpawnWorker = (setup: WorkerSetup) => WorkerHandle;

/** How a worker is started. */
export interface WorkerOptions {
  /** The size of the ring. */
  ringBytes: number;
  /** Where it runs: in a thread of its own, or wherever a `WorkerHost` runs it. */
  spawn: SpawnWorker;
  clock: Clock;
}

/** Whom a session tells. */
export interface SessionOwner extends RecordSink {
  tokenWanted(link: number, request: number): void;
  /** The worker has ended without being told to. Everything that it had written has been handed over; the last call. */
  crashed(cause: Error): void;
}

/** A worker that is not ready by then has not found what it needs. */
const READY_TIMEOUT_MS = 10_000;

/** One life of the worker: from its start to its end, whatever its end. */
export class WorkerSession {
  readonly #worker: WorkerHandle;
  readonly #drain: Drain;
  readonly #owner: SessionOwner;
  #failure: Error | undefined;
  #isReady = false;
  #isRunning = false;
  #isOver = false;

  private constructor(worker: WorkerHandle, memory: RingMemory, owner: SessionOwner, clock: Clock) {
    this.#worker = worker;
    this.#owner = owner;
    this.#drain = new Drain(memory, new RingReader(memory, owner), clock, (error) => {
      this.#failure ??= toError(error);
      void worker.terminate();
    });
  }

  /** Resolves once the worker takes commands. @throws KiteError `KITE_MANAGER_THREADS_UNAVAILABLE` */
  static async start(options: WorkerOptions, owner: SessionOwner): Promise<WorkerSession> {
    try {
      const memory = RingMemory.allocate(options.ringBytes);
      const worker = options.spawn({ ring: memory.shared });
      const session = new WorkerSession(worker, memory, owner, options.clock);
      await session.#ready(options.clock);
      session.#run();
      return session;
    } catch (cause) {
      throw unavailable(toError(cause));
    }
  }

  post(command: Command): void {
    if (!this.#isOver) this.#worker.post(command);
  }

  /** Whether the worker keeps the process alive. */
  setAlive(isAlive: boolean): void {
    this.#worker.setAlive(isAlive);
  }

  /** Ends the worker at once; nothing more is told. */
  terminate(): Promise<void> {
    this.#isOver = true;
    this.#drain.stop();
    return this.#worker.terminate();
  }

  /** Rejects where the worker ends, or says nothing for too long, before it takes commands. */
  #ready(clock: Clock): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = new Deadline(clock);
      const fail = (error: Error): void => {
        deadline.clear();
        void this.terminate();
        reject(error);
      };
      deadline.set(READY_TIMEOUT_MS, () => {
        fail(new Error(`it was not ready within ${READY_TIMEOUT_MS} ms`));
      });
      this.#worker.listen({
        message: (message) => {
          if (this.#isReady) {
            this.#received(message as WorkerMessage);
            return;
          }
          this.#isReady = true;
          deadline.clear();
          this.#worker.setAlive(false);
          resolve();
        },
        error: (error) => {
          this.#failure ??= error;
        },
        exit: (code) => {
          this.#failure ??= new Error(`it ended with exit code ${code}`);
          if (this.#isRunning) this.#exited();
          else fail(this.#failure);
        },
      });
    });
  }

  /** From now on its end is a crash. It may have ended already: last words and end are told in one breath. */
  #run(): void {
    if (this.#isOver) throw this.#failure ?? new Error('it has ended');
    this.#isRunning = true;
  }

  #received(message: WorkerMessage): void {
    if (this.#isOver) return;
    if (message.type === 'token') this.#owner.tokenWanted(message.link, message.request);
    else this.#drain.wake();
  }

  #exited(): void {
    if (this.#isOver) return;
    this.#drain.finish();
    this.#isOver = true;
    this.#owner.crashed(this.#failure ?? new Error('it has ended'));
  }
}

function unavailable(cause: Error): KiteError {
  return new KiteError('KITE_MANAGER_THREADS_UNAVAILABLE', `no I/O worker could start: ${cause.message}`, {
    cause,
  });
}
