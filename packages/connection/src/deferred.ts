/** A promise with its ends in hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** Acts at once; what it throws becomes the promise's rejection. */
export function promised(act: () => void): Promise<void> {
  return new Promise((resolve) => {
    act();
    resolve();
  });
}

/** The promise of `begin`, the same one to every caller; or a rejection with what `check` throws, and then nothing has begun. */
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
