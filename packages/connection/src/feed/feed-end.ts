import { type Deferred, deferred } from '@kite/kit';
import type { KiteError } from '@kite/protocol';

/** Waits for the end of a feed; called with the reason if it has failed. */
export type OnOver = (error: KiteError | undefined) => void;

/** The end of a feed as a promise that need not be awaited; a new one for each life of the feed. */
export class FeedEnd {
  #end = unawaited();
  #isOver = false;
  #isClosed = false;
  #failure: KiteError | undefined;
  readonly #waiting = new Set<OnOver>();

  /** Of this life of the feed. */
  get promise(): Promise<void> {
    return this.#end.promise;
  }

  /** Why nothing can come; undefined while something can, and after a stop. */
  get failure(): KiteError | undefined {
    return this.#failure;
  }

  /**
   * Calls back when this life of the feed ends: soon, if it has failed or was closed. After a stop, it waits for the
   * end of the next life. Returns how to cancel that.
   */
  onOver(callback: OnOver): () => void {
    this.#waiting.add(callback);
    if (this.#failure || this.#isClosed) {
      queueMicrotask(() => {
        if (this.#failure || this.#isClosed) this.#call([callback], this.#failure);
      });
    }
    return () => {
      this.#waiting.delete(callback);
    };
  }

  /** The feed lives: again, if it had ended. */
  begin(): void {
    if (!this.#isOver) return;
    this.#isOver = false;
    this.#failure = undefined;
    this.#end = unawaited();
  }

  /** It was stopped, or nothing can come any more because of `error`. */
  over(error?: KiteError): void {
    this.ending()(error);
  }

  /** How to end it for those that wait now: who waits from now on waits for the end of the next life. */
  ending(): (error?: KiteError) => void {
    this.#failure = undefined;
    const waiting = [...this.#waiting];
    return (error) => {
      this.#call(waiting, error);
      this.#failure = error;
      if (this.#isOver) return;
      this.#isOver = true;
      if (error) this.#end.reject(error);
      else this.#end.resolve(undefined);
    };
  }

  /** It has ended, and does not begin again. */
  close(error?: KiteError): void {
    this.#isClosed = true;
    this.over(error);
  }

  #call(waiting: readonly OnOver[], error: KiteError | undefined): void {
    for (const callback of waiting) if (this.#waiting.delete(callback)) callback(error);
  }
}

function unawaited(): Deferred<undefined> {
  const end = deferred<undefined>();
  end.promise.catch(() => undefined);
  return end;
}
