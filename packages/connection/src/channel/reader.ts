import { soon } from '@kite/kit';

/** Takes turns with other readers of a channel: `recv()` without options is one reader, each iterator is another. */
export class Reader<Item, Result> {
  /** What a read resolves with, for an item or for undefined at the end. */
  readonly present: (item: Item | undefined) => Result;
  /** Called when a read is settled. */
  onSettled: (() => void) | undefined = undefined;
  #pending: Promise<Result> | undefined;
  #resolve!: (result: Result) => void;
  #reject!: (error: unknown) => void;

  constructor(present: (item: Item | undefined) => Result) {
    this.present = present;
  }

  /** The pending read. Asking again returns the same one, until those who await it can have its result. */
  get pending(): Promise<Result> | undefined {
    return this.#pending;
  }

  /** Begins a read. */
  wait(): Promise<Result> {
    this.#pending = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    return this.#pending;
  }

  resolve(item: Item | undefined): void {
    this.#settle();
    this.#resolve(this.present(item));
  }

  reject(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    // Before any reaction to the promise.
    soon(() => {
      this.#pending = undefined;
    });
    this.onSettled?.();
  }
}
