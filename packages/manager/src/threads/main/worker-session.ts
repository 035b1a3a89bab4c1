import { systemClock } from '@kite/connection';
import { Deadline, machineTurn } from '@kite/kit';
import { type Clock, KiteError } from '@kite/protocol';

import type { Command, WorkerMessage, WorkerSetup } from '../wire/messages.js';
import { RingMemory } from '../wire/ring-memory.js';
import type { WorkerHandle } from '../wire/worker-host.js';
import { Drain } from './drain.js';
import { LifeWatch } from './life-watch.js';
import { type RecordSink, RingReader } from './ring-reader.js';
import { toError } from './to-error.js';
import { type Latency, WakePolicy } from './wake-policy.js';

/** Starts a worker. */
export type SpawnWorker = (setup: WorkerSetup) => WorkerHandle;

/** How a worker is started. */
export interface WorkerOptions {
  /** The size of the ring. */
  ringBytes: number;
  /** Where it runs: in a thread of its own, or wherever a `WorkerHost` runs it. */
  spawn: SpawnWorker;
  clock: Clock;
  /** When to read the ring. */
  latency: Latency;
  /** A worker that hangs for this long, two seconds at least, is replaced. */
  heartbeatLivenessThresholdMs: number;
}

/** Why a worker is gone. */
export type WorkerLoss = 'KITE_MANAGER_WORKER_CRASHED' | 'KITE_MANAGER_WORKER_HUNG';

/** Notified of what happens to a worker. */
export interface SessionOwner extends RecordSink {
  tokenWanted(link: number, request: number): void;
  /** The worker shows no sign of life, or shows one again. */
  hangs(isHanging: boolean): void;
  /**
   * The worker has ended on its own, or was ended because it hung. Everything that it had written has been delivered.
   * The last call.
   */
  lost(loss: WorkerLoss, cause: Error): void;
}

/** A worker that is not ready by then lacks something that it needs. */
const READY_TIMEOUT_MS = 10_000;

/** One life of the worker, from its start to whatever ends it. */
export class WorkerSession {
  readonly #worker: WorkerHandle;
  readonly #drain: Drain;
  readonly #life: LifeWatch;
  readonly #owner: SessionOwner;
  #failure: Error | undefined;
  #isReady = false;
  #isRunning = false;
  #isOver = false;

  private constructor(worker: WorkerHandle, memory: RingMemory, owner: SessionOwner, options: WorkerOptions) {
    const { clock, latency, heartbeatLivenessThresholdMs } = options;
    this.#worker = worker;
    this.#owner = owner;
    this.#life = new LifeWatch(memory, clock, heartbeatLivenessThresholdMs, {
      hangs: () => {
        owner.hangs(true);
      },
      goesOn: () => {
        owner.hangs(false);
      },
      isDead: (silentMs) => {
        void worker.terminate();
        this.#lost('KITE_MANAGER_WORKER_HUNG', new Error(`it showed no sign of life for ${silentMs} ms`));
      },
    });
    this.#drain = new Drain({
      memory,
      reader: new RingReader(memory, owner),
      policy: new WakePolicy(latency, clock),
      clock,
      nextTurn: clock === systemClock ? machineTurn : (callback) => void clock.setTimeout(callback, 0),
      onFailure: (error) => {
        this.#failure ??= toError(error);
        void worker.terminate();
      },
    });
  }

  /**
   * Resolves once the worker takes commands. If it rejects, nothing is left of the worker.
   *
   * @param signal cancels the start
   * @throws KiteError `KITE_MANAGER_THREADS_UNAVAILABLE`
   */
  static async start(
    options: WorkerOptions,
    owner: SessionOwner,
    signal: AbortSignal,
  ): Promise<WorkerSession> {
    let session: WorkerSession | undefined;
    try {
      const memory = RingMemory.allocate(options.ringBytes);
      const worker = options.spawn({ ring: memory.shared });
      session = new WorkerSession(worker, memory, owner, options);
      await session.#ready(options.clock, signal);
      session.#run();
      return session;
    } catch (cause) {
      await session?.terminate();
      throw unavailable(toError(cause));
    }
  }

  post(command: Command): void {
    if (!this.#isOver) this.#worker.post(command);
  }

  /** Whether the worker is needed: then it keeps the process alive and is watched. */
  setAlive(isAlive: boolean): void {
    this.#worker.setAlive(isAlive);
    if (isAlive) this.#life.start();
    else this.#life.stop();
  }

  /** Ends the worker at once; nothing more is reported. */
  terminate(): Promise<void> {
    this.#isOver = true;
    this.#drain.stop();
    this.#life.stop();
    return this.#worker.terminate();
  }

  /** Rejects if the worker ends, or says nothing for too long, before it takes commands. */
  #ready(clock: Clock, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = new Deadline(clock);
      const giveUp = (): void => {
        fail(new Error('it was stopped before it was ready'));
      };
      const settled = (): void => {
        deadline.clear();
        signal.removeEventListener('abort', giveUp);
      };
      const fail = (error: Error): void => {
        settled();
        this.#isOver = true;
        reject(error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
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
          settled();
          this.#worker.setAlive(false);
          resolve();
        },
        error: (error) => {
          this.#failure ??= error;
        },
        exit: (code) => {
          this.#failure ??= new Error(`it ended with exit code ${code}`);
          if (this.#isRunning) this.#lost('KITE_MANAGER_WORKER_CRASHED', this.#failure);
          else fail(this.#failure);
        },
      });
    });
  }

  /** From now on its end is a crash. It may have ended already: its last message and its end can come together. */
  #run(): void {
    if (this.#isOver) throw this.#failure ?? new Error('it has ended');
    this.#isRunning = true;
  }

  #received(message: WorkerMessage): void {
    if (this.#isOver) return;
    if (message.type === 'token') this.#owner.tokenWanted(message.link, message.request);
    else this.#drain.wake();
    this.#life.heard();
  }

  #lost(loss: WorkerLoss, cause: Error): void {
    if (this.#isOver) return;
    this.#drain.finish();
    // After the last record: what it calls may have asked for the worker, and started the watch.
    this.#life.stop();
    this.#isOver = true;
    this.#owner.lost(loss, cause);
  }
}

function unavailable(cause: Error): KiteError {
  return new KiteError('KITE_MANAGER_THREADS_UNAVAILABLE', `no I/O worker could start: ${cause.message}`, {
    cause,
  });
}
