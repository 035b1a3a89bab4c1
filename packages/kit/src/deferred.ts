/**
 * A promise with its ends in hand.
 */
export interface Deferred<T> {
  /** Settles with the first call of the two below. */
  readonly promise: Promise<T>;
  /** Fulfils the promise. */
  resolve(value: T): void;
  /** Rejects the promise. */
  reject(reason: unknown): void;
}

/**
 * A promise that somebody else settles.
 */
export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/**
 * Acts at once; what it throws becomes the promise's rejection.
 */
export function promised(act: () => void): Promise<void> {
  return new Promise((resolve) => {
    act();
    resolve();
  });
}

/**
 * The promise of `begin`, the same one to every caller; or a rejection with what `check` throws, and then nothing has begun.
 */
export function begunAfter<T>(check: () => void, begin: () => Promise<T>): Promise<T> {
  try {
    check();
  } catch (error) {
    const refused = deferred<T>();
    refused.reject(error);
    return refused.promise;
  }
  return begin();
}
