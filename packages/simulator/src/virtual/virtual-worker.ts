import type { Lane } from './lane.js';
import type { Machine } from './machine.js';
import { Mailbox } from './mailbox.js';
import type { Network } from './network.js';
import type { Scheduler } from './scheduler.js';
import { streamOf } from './streams.js';
import type { Trace } from './trace.js';
import type { WorkerHandle, WorkerListener, WorkerPort } from './worker-port.js';

/** How long a thread takes to start. */
const START_MS = 15;

/** The parts of workers. */
export interface WorkerParts {
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly network: Network;
  readonly trace: Trace;
  readonly main: Lane;
  readonly seed: number;
}

/** A thread of the client's machine: a lane and the body that runs in it. */
export class VirtualWorker implements WorkerHandle {
  readonly #parts: WorkerParts;
  readonly #number: number;
  readonly #lane: Lane;
  readonly #toMain: Mailbox;
  readonly #toWorker: Mailbox;
  readonly #ended: () => void;
  #listener: WorkerListener | undefined;
  #exit: Promise<void> | undefined;
  #isTerminated = false;

  /** @param ended called once, when nothing of it is left */
  constructor(number: number, parts: WorkerParts, body: (port: WorkerPort) => void, ended: () => void) {
    const { scheduler, machine, network, trace, main, seed } = parts;
    const lane = scheduler.addLane(`worker ${number}`, (error) => this.crash(error));
    this.#number = number;
    this.#parts = parts;
    this.#lane = lane;
    this.#ended = ended;
    this.#toMain = new Mailbox(scheduler, main, streamOf(seed, 'worker', 3 * number));
    this.#toWorker = new Mailbox(scheduler, lane, streamOf(seed, 'worker', 3 * number + 1));
    this.#toMain.handle((message) => {
      trace.record('mail', scheduler.time, number);
      if (!this.#isTerminated) this.#listener?.message(message);
    });
    const random = streamOf(seed, 'worker', 3 * number + 2);
    const port: WorkerPort = {
      clock: machine.clockOf(lane),
      random: () => random.next(),
      transport: network.transportOf(lane),
      post: (message) => {
        if (!lane.isDead) this.#toMain.post(message);
      },
      onMessage: (handler) => this.#toWorker.handle(handler),
    };
    lane.at(scheduler.time + START_MS, () => {
      trace.record('worker', scheduler.time, number, 'start');
      body(port);
    });
  }

  /** Waiting timers. */
  get timers(): number {
    return this.#lane.timers;
  }

  post(message: unknown): void {
    this.#toWorker.post(message);
  }

  listen(listener: WorkerListener): void {
    this.#listener = listener;
  }

  terminate(): Promise<void> {
    this.#isTerminated = true;
    return this.#end('terminate');
  }

  setAlive(): void {
    // No process waits for a virtual thread.
  }

  /** An uncaught error: ends the thread and is reported to the spawning one. */
  crash(error: unknown): void {
    void this.#end('crash', error instanceof Error ? error : new Error(String(error)));
  }

  /** From now on it does nothing and does not end. */
  hang(): void {
    const { trace, scheduler } = this.#parts;
    trace.record('worker', scheduler.time, this.#number, 'hang');
    this.#lane.blockUntil(Infinity);
  }

  /** It does nothing for this long. */
  blockFor(ms: number): void {
    this.#lane.blockUntil(this.#parts.scheduler.time + ms);
  }

  /** Ends it without telling the spawning thread. */
  vanish(): void {
    void this.terminate();
    this.#ended();
  }

  /** Ends the thread and its sockets now; tells the spawning thread in a separate turn. */
  #end(how: string, error?: Error): Promise<void> {
    this.#exit ??= new Promise((resolve) => {
      const { scheduler, machine, network, trace } = this.#parts;
      trace.record('worker', scheduler.time, this.#number, how);
      scheduler.removeLane(this.#lane);
      machine.forget(this.#lane);
      network.endThread(this.#lane);
      this.#toMain.after(() => {
        this.#ended();
        if (error !== undefined) this.#listener?.error(error);
        this.#listener?.exit(1);
        resolve();
      });
    });
    return this.#exit;
  }
}
