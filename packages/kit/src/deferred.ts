/** A promise with its functions to settle it. */
export interface Deferred<T> {
  /** Settles with the first call of either function. */
  readonly promise: Promise<T>;
  /** Fulfils the promise. */
  resolve(value: T): void;
  /** Rejects the promise. */
  reject(reason: unknown): void;
}

/** Makes a promise to settle from outside. */
export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** Acts at once; an error becomes the promise's rejection. */
export function promised(act: () => void): Promise<void> {
  return new Promise((resolve) => {
    act();
    resolve();
  });
}

/**
 * The promise of `begin`, unchanged; or a rejection with what `check` throws, and then nothing has begun.
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
