import { Worker, type WorkerOptions } from 'node:worker_threads';
import { systemClock } from '@kite/connection';
import { deferred, Timer } from '@kite/kit';

import type { WorkerSetup } from '../wire/messages.js';
import type { WorkerHandle, WorkerListener } from '../wire/worker-host.js';
import { toError } from './to-error.js';

/** A worker that has not ended by then hangs in the system, as in an unanswered DNS look-up: it ends when that does. */
const TERMINATE_MS = 250;

/** A worker of `node:worker_threads`, which runs the I/O worker's file. */
export class WorkerThread implements WorkerHandle {
  readonly #worker: Worker;

  /** @param workerUrl the worker's file; undefined: the one beside this file */
  constructor(workerUrl: string | URL | undefined, setup: WorkerSetup) {
    // Loaders of the main thread stay there: the worker is plain JavaScript.
    const options: WorkerOptions = { workerData: setup, name: 'kite-io', execArgv: [] };
    // Bundlers find the file in this very form. `new Worker` with any other file would make Turbopack, of Next.js, read
    // each file of this folder as a module, the declarations too, and fail.
    this.#worker =
      workerUrl === undefined
        ? new Worker(new URL('./io-worker.js', import.meta.url), options)
        : Reflect.construct(Worker, [toLocation(workerUrl), options]);
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  listen(listener: WorkerListener): void {
    this.#worker.on('message', (message: unknown) => {
      listener.message(message);
    });
    this.#worker.on('error', (error: unknown) => {
      listener.error(toError(error));
    });
    this.#worker.on('messageerror', (error) => {
      listener.error(error);
      void this.#worker.terminate();
    });
    this.#worker.once('exit', (code) => {
      listener.exit(code);
    });
  }

  async terminate(): Promise<void> {
    const patience = new Timer(systemClock);
    const isEnough = deferred<undefined>();
    patience.set(TERMINATE_MS, () => {
      isEnough.resolve(undefined);
    });
    await Promise.race([this.#worker.terminate(), isEnough.promise]);
    patience.clear();
  }

  setAlive(isAlive: boolean): void {
    if (isAlive) this.#worker.ref();
    else this.#worker.unref();
  }
}

/** A `Worker` takes a path or a URL object; the option may also be a URL as text. */
function toLocation(file: string | URL): string | URL {
  return typeof file === 'string' && URL.canParse(file) ? new URL(file) : file;
}
