import { type Deferred, deferred } from '@kite/kit';
import { KiteError } from '@kite/protocol';

/** How one call of `connect()` waits. */
export interface ConnectOptions {
  /** Ends the wait of this call. */
  signal?: AbortSignal | undefined;
  /** Whether the first failed attempt ends the wait of this call. */
  failFast?: boolean | undefined;
}

/** The calls of `connect()` that wait for the connection to open. */
export class ConnectCalls {
  readonly #onLeft: () => void;
  readonly #failFast = new Set<Deferred<undefined>>();
  readonly #others = new Set<Deferred<undefined>>();
  /** All calls without options get the same promise. */
  #plain: Deferred<undefined> | undefined;

  /** @param onLeft a call has been aborted, or has failed fast */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
  }

  /** Whether no call waits. */
  get isEmpty(): boolean {
    return this.#failFast.size + this.#others.size === 0;
  }

  /** Resolves at the next open. */
  add({ signal, failFast = false }: ConnectOptions): Promise<void> {
    if (!signal && !failFast) return this.#addPlain();
    const call = deferred<undefined>();
    (failFast ? this.#failFast : this.#others).add(call);
    if (signal) this.#rejectOn(signal, call);
    return call.promise;
  }

  opened(): void {
    for (const call of this.#takeAll()) call.resolve(undefined);
  }

  /** An attempt has failed; there will be another. */
  attemptFailed(error: KiteError): void {
    const calls = [...this.#failFast];
    for (const call of calls) this.#reject(call, error);
    if (calls.length > 0) this.#onLeft();
  }

  /** There will be no other attempt. */
  rejectAll(error: KiteError): void {
    for (const call of this.#takeAll()) call.reject(error);
  }

  #addPlain(): Promise<void> {
    if (!this.#plain) {
      this.#plain = deferred<undefined>();
      this.#others.add(this.#plain);
    }
    return this.#plain.promise;
  }

  #rejectOn(signal: AbortSignal, call: Deferred<undefined>): void {
    const abort = (): void => {
      if (this.#reject(call, aborted(signal))) this.#onLeft();
    };
    signal.addEventListener('abort', abort, { once: true });
    const forget = (): void => {
      signal.removeEventListener('abort', abort);
    };
    call.promise.then(forget, forget);
  }

  /** Returns false if the call was settled before. */
  #reject(call: Deferred<undefined>, error: KiteError): boolean {
    if (!this.#failFast.delete(call) && !this.#others.delete(call)) return false;
    call.reject(error);
    return true;
  }

  #takeAll(): Deferred<undefined>[] {
    const calls = [...this.#others, ...this.#failFast];
    this.#others.clear();
    this.#failFast.clear();
    this.#plain = undefined;
    return calls;
  }
}

/** The error of a call whose signal is aborted. */
export function aborted(signal: AbortSignal): KiteError {
  return new KiteError('KITE_CONNECTION_ABORTED', 'connect() was aborted', {
    cause: signal.reason as unknown,
  });
}
