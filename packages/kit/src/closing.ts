import { deferred } from './deferred.js';

/**
 * Closes something, once at a time. Its promise is there before the work begins: who hears of the closing may already
 * ask for the next start, or for another stop.
 */
export class Closing {
  #done: Promise<void> | undefined;
  readonly #ends: (() => void)[] = [];

  /** The closing under way; undefined: there is none. */
  get done(): Promise<void> | undefined {
    return this.#done;
  }

  /**
   * Begins the work, unless it is under way.
   *
   * @param end called once when the work is over, before those that wait for it go on. Must not throw
   */
  begin(work: () => Promise<void>, end?: () => void): Promise<void> {
    if (end) this.#ends.push(end);
    if (this.#done) return this.#done;
    const done = deferred<undefined>();
    this.#done = done.promise;
    work().then(
      () => {
        this.#over();
        done.resolve(undefined);
      },
      (error: unknown) => {
        this.#over();
        done.reject(error);
      },
    );
    return done.promise;
  }

  #over(): void {
    this.#done = undefined;
    for (const end of this.#ends.splice(0)) end();
  }
}
