import { Worker } from 'node:worker_threads';
import { systemClock } from '@kite/connection';
import { Deadline, deferred, textOf, Timer } from '@kite/kit';
import { type Clock, KiteError } from '@kite/protocol';

import type { Command, WorkerMessage, WorkerSetup } from '../wire/messages.js';
import { RingMemory } from '../wire/ring-memory.js';
import { Drain } from './drain.js';
import { type RecordSink, RingReader } from './ring-reader.js';

/** How a worker is started. */
export interface WorkerOptions {
  /** The size of the ring. */
  ringBytes: number;
  /** The worker's file; undefined: the one beside this file. */
  workerUrl: string | URL | undefined;
  clock: Clock;
}

/** Whom a session tells. */
export interface SessionOwner extends RecordSink {
  tokenWanted(link: number, request: number): void;
  /** The worker has ended without being told to. Everything that it had written has been handed over; the last call. */
  crashed(cause: Error): void;
}

/** A worker that has not ended by then hangs in the system, as in a look-up that no name server answers: it ends when that does. */
const TERMINATE_MS = 250;

/** A worker that is not ready by then has not found what it needs. */
const READY_TIMEOUT_MS = 10_000;

/** One life of the worker: from its start to its end, whatever its end. */
export class WorkerSession {
  readonly #worker: Worker;
  readonly #drain: Drain;
  readonly #owner: SessionOwner;
  #failure: Error | undefined;
  #isRunning = false;
  #isOver = false;

  private constructor(worker: Worker, memory: RingMemory, owner: SessionOwner, clock: Clock) {
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
      const workerData: WorkerSetup = { ring: memory.shared };
      const file = options.workerUrl ?? new URL('./io-worker.js', import.meta.url);
      // Loaders of the main thread stay there: the worker is plain JavaScript.
      const worker = new Worker(toLocation(file), { workerData, name: 'kite-io', execArgv: [] });
      const session = new WorkerSession(worker, memory, owner, options.clock);
      await session.#ready(options.clock);
      session.#run();
      return session;
    } catch (cause) {
      throw unavailable(toError(cause));
    }
  }

  post(command: Command): void {
    if (!this.#isOver) this.#worker.postMessage(command);
  }

  /** Whether the worker keeps the process alive. */
  setAlive(isAlive: boolean): void {
    if (isAlive) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the worker at once; nothing more is told. */
  async terminate(): Promise<void> {
    this.#isOver = true;
    this.#drain.stop();
    const patience = new Timer(systemClock);
    const isEnough = deferred<undefined>();
    patience.set(TERMINATE_MS, () => {
      isEnough.resolve(undefined);
    });
    await Promise.race([this.#worker.terminate(), isEnough.promise]);
    patience.clear();
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
      this.#worker.on('error', (error) => {
        this.#failure ??= toError(error);
      });
      this.#worker.on('messageerror', (error) => {
        this.#failure ??= error;
        void this.#worker.terminate();
      });
      this.#worker.once('exit', (code) => {
        this.#failure ??= new Error(`it ended with exit code ${code}`);
        if (this.#isRunning) this.#exited();
        else fail(this.#failure);
      });
      this.#worker.once('message', () => {
        deadline.clear();
        this.#worker.on('message', (message: WorkerMessage) => {
          this.#received(message);
        });
        this.#worker.unref();
        resolve();
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

/** A `Worker` takes a path or a URL object; an option may well be a URL as text. */
function toLocation(file: string | URL): string | URL {
  return typeof file === 'string' && URL.canParse(file) ? new URL(file) : file;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(textOf(error));
}

function unavailable(cause: Error): KiteError {
  return new KiteError('KITE_MANAGER_THREADS_UNAVAILABLE', `no I/O worker could start: ${cause.message}`, {
    cause,
  });
}
