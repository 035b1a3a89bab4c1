import { deferred } from './deferred.js';

/** What a joint call does when a call leaves it. */
export interface JointCallOptions {
  /** Ends the work, since no call waits for it any more. */
  giveUp(): Promise<void>;
  /** The error of the call that left by this signal. */
  left(signal: AbortSignal): Error;
}

/**
 * One piece of work that several calls wait for. A call leaves when its signal is aborted, and only that call rejects.
 * When the last one has left, the work is given up; a call without a signal never leaves.
 */
export class JointCall {
  readonly #work: Promise<void>;
  readonly #options: JointCallOptions;
  #hasStaying = false;
  #waiting = 0;

  constructor(work: Promise<void>, options: JointCallOptions) {
    this.#work = work;
    this.#options = options;
  }

  /** Resolves when the work is over, whatever came of it. */
  get settled(): Promise<void> {
    return this.#work.catch(() => undefined);
  }

  /** Waits for the work; without a signal, the same promise for each call. The signal is not aborted yet. */
  join(signal?: AbortSignal): Promise<void> {
    if (!signal) {
      this.#hasStaying = true;
      return this.#work;
    }
    const call = deferred<undefined>();
    let hasLeft = false;
    const leave = (): void => {
      hasLeft = true;
      void this.#leave().then(() => {
        call.reject(this.#options.left(signal));
      });
    };
    this.#waiting++;
    signal.addEventListener('abort', leave, { once: true });
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', leave);
      if (!hasLeft) act();
    };
    this.#work.then(
      () => {
        settle(() => {
          call.resolve(undefined);
        });
      },
      (error: unknown) => {
        settle(() => {
          call.reject(error);
        });
      },
    );
    return call.promise;
  }

  async #leave(): Promise<void> {
    this.#waiting--;
    if (!this.#hasStaying && this.#waiting === 0) await this.#options.giveUp();
  }
}
