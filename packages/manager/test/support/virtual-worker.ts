import type { SocketListener, Transport, TransportSocket } from '@kite/connection';
import type { Clock } from '@kite/protocol';

import type {
  WorkerHandle,
  WorkerHost,
  WorkerListener,
  WorkerPort,
} from '../../src/threads/wire/worker-host.js';

/** How long a message takes from thread to thread, unless told otherwise. */
const POST_MS = 1;

/** A worker in this thread, whose turns are timers of a virtual clock. */
export class VirtualWorker implements WorkerHandle {
  /** Nothing of it runs any more. */
  hasEnded = false;
  /** What it has posted, from the first message on. */
  readonly posted: unknown[] = [];
  readonly #clock: Clock;
  readonly #postMs: number;
  readonly #sockets: TransportSocket[] = [];
  readonly #timers = new Set<unknown>();
  readonly #waiting: unknown[] = [];
  #handler: ((message: unknown) => void) | undefined;
  #listener: WorkerListener | undefined;
  #hangs = false;
  /** What has its turn when it hangs no more. */
  readonly #held: (() => void)[] = [];

  constructor(clock: Clock, transport: Transport, body: (port: WorkerPort) => void, postMs = POST_MS) {
    this.#clock = clock;
    this.#postMs = postMs;
    clock.setTimeout(() => {
      this.#run(() => {
        body(this.#port(transport));
      });
    }, postMs);
  }

  post(message: unknown): void {
    const arrived = structuredClone(message);
    this.#later(() => {
      this.#run(() => {
        if (this.#handler) this.#handler(arrived);
        else this.#waiting.push(arrived);
      });
    });
  }

  listen(listener: WorkerListener): void {
    this.#listener = listener;
  }

  terminate(): Promise<void> {
    this.#end(1);
    return Promise.resolve();
  }

  setAlive(): void {
    // A virtual worker keeps no process alive.
  }

  /** Throws in the worker. */
  crash(error: Error): void {
    this.#run(() => {
      throw error;
    });
  }

  /** From now on nothing of it runs, and nobody is told; for this long, where that is given. */
  hang(forMs = Infinity): void {
    this.#hangs = true;
    if (forMs === Infinity) return;
    this.#clock.setTimeout(() => {
      this.#hangs = false;
      for (const act of this.#held.splice(0)) this.#run(act);
    }, forMs);
  }

  #port(transport: Transport): WorkerPort {
    const clock = this.#clock;
    const run = (act: () => void): void => {
      this.#run(act);
    };
    return {
      clock: {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        setTimeout: (callback, delayMs) => {
          const timer = clock.setTimeout(() => {
            this.#timers.delete(timer);
            run(callback);
          }, delayMs);
          this.#timers.add(timer);
          return timer;
        },
        clearTimeout: (timer) => {
          this.#timers.delete(timer);
          clock.clearTimeout(timer);
        },
      },
      random: () => 0.5,
      transport: {
        open: (request, listener) => {
          const socket = transport.open(request, within(run, listener));
          this.#sockets.push(socket);
          return socket;
        },
      },
      post: (message) => {
        const arrived = structuredClone(message);
        this.posted.push(arrived);
        this.#later(() => this.#listener?.message(arrived));
      },
      onMessage: (handler) => {
        this.#handler = handler;
        for (const message of this.#waiting.splice(0)) handler(message);
      },
    };
  }

  #run(act: () => void): void {
    if (this.hasEnded) return;
    if (this.#hangs) {
      this.#held.push(act);
      return;
    }
    try {
      act();
    } catch (error) {
      this.#later(() => this.#listener?.error(error as Error));
      this.#end(1);
    }
  }

  #end(code: number): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    for (const socket of this.#sockets) socket.terminate();
    this.#later(() => this.#listener?.exit(code));
  }

  #later(act: () => void): void {
    this.#clock.setTimeout(act, this.#postMs);
  }
}

/** Runs workers in this thread, and keeps them for the test. */
export class VirtualHost implements WorkerHost {
  readonly workers: VirtualWorker[] = [];
  /** Every worker fails with it as soon as it runs. */
  failure: Error | undefined;
  /** No worker does anything. */
  isMute = false;
  /** How long a message takes from thread to thread. */
  postMs = POST_MS;
  readonly #clock: Clock;
  readonly #transport: Transport;

  constructor(clock: Clock, transport: Transport) {
    this.#clock = clock;
    this.#transport = transport;
  }

  spawn(body: (port: WorkerPort) => void): WorkerHandle {
    const { failure, isMute } = this;
    const run = (port: WorkerPort): void => {
      if (failure) throw failure;
      if (!isMute) body(port);
    };
    const worker = new VirtualWorker(this.#clock, this.#transport, run, this.postMs);
    this.workers.push(worker);
    return worker;
  }
}

function within(run: (act: () => void) => void, listener: SocketListener): SocketListener {
  return {
    opened: () => {
      run(() => {
        listener.opened();
      });
    },
    binary: (bytes) => {
      run(() => {
        listener.binary(bytes);
      });
    },
    text: (text) => {
      run(() => {
        listener.text(text);
      });
    },
    alive: () => {
      run(() => {
        listener.alive();
      });
    },
    pong: () => {
      run(() => {
        listener.pong();
      });
    },
    ended: (end) => {
      run(() => {
        listener.ended(end);
      });
    },
  };
}
