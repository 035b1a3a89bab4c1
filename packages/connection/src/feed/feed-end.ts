import { type Deferred, deferred } from '@kite/kit';

/** The end of a feed as a promise that need not be awaited; a new one for each life of the feed. */
export class FeedEnd {
  #end = unawaited();
  #isOver = false;
  readonly #callbacks = new Set<(error: Error | undefined) => void>();

  /** Of this life of the feed. */
  get promise(): Promise<void> {
    return this.#end.promise;
  }

  /** Calls back when this life of the feed ends. Returns how to cancel that. */
  onOver(callback: (error: Error | undefined) => void): () => void {
    this.#callbacks.add(callback);
    return () => {
      this.#callbacks.delete(callback);
    };
  }

  /** The feed lives: again, if it had ended. */
  begin(): void {
    if (!this.#isOver) return;
    this.#isOver = false;
    this.#end = unawaited();
  }

  /** It was stopped, or nothing can come any more because of `error`. */
  over(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error) this.#end.reject(error);
    else this.#end.resolve(undefined);
    const callbacks = [...this.#callbacks];
    this.#callbacks.clear();
    for (const callback of callbacks) callback(error);
  }
}

function unawaited(): Deferred<undefined> {
  const end = deferred<undefined>();
  end.promise.catch(() => undefined);
  return end;
}
