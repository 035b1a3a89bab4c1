import { checkOptions, withMethods } from '@kite/kit';
import { KiteError, KiteInputError } from '@kite/protocol';

import type { OnOver } from './feed-end.js';

type Listener<Event> = (event: Event) => unknown;

const ONCE_RULES = { signal: withMethods('addEventListener', 'removeEventListener') };

/** Where listeners are attached, and when there is nothing to hear any more. */
export interface RegistrationTarget {
  /** Checks both, attaches the listener, and returns how to detach it. */
  attach(type: string, listener: Listener<unknown>): () => void;
  /** Calls back when the feed ends. Returns how not to be called. */
  onOver(callback: OnOver): () => void;
}

/** `on`, `once` and `off` of a feed: remembers how to detach each listener. */
export class Registrations {
  readonly #target: RegistrationTarget;
  /** The newest registration of a listener is the last of its list. */
  readonly #byType = new Map<string, Map<unknown, (() => void)[]>>();

  constructor(target: RegistrationTarget) {
    this.#target = target;
  }

  on(type: string, listener: Listener<never>): () => void {
    return this.#register(type, listener, this.#target.attach(type, listener as Listener<unknown>));
  }

  /** With a listener, as `on` for one event; else the next event as a promise. */
  once(type: string, second?: Listener<never> | { signal?: AbortSignal | undefined }): unknown {
    return typeof second === 'function' ? this.#next(type, second) : this.#promise(type, second ?? {});
  }

  off(type: string, listener: unknown): void {
    this.#byType.get(type)?.get(listener)?.at(-1)?.();
  }

  #next(type: string, listener: Listener<never>): () => void {
    const stop: () => void = this.#register(
      type,
      listener,
      this.#target.attach(type, (event) => {
        stop();
        return (listener as Listener<unknown>)(event);
      }),
    );
    return stop;
  }

  #promise(type: string, options: { signal?: AbortSignal | undefined }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      checkOptions(KiteInputError, 'KITE_CONNECTION_INVALID_OPTION', options, ONCE_RULES);
      const { signal } = options;
      if (signal?.aborted) throw aborted(signal);
      const abort = (): void => {
        finish();
        reject(aborted(signal!));
      };
      const stop = this.#target.attach(type, (event) => {
        finish();
        resolve(event);
      });
      const finish = (): void => {
        stop();
        forgetEnd();
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const forgetEnd = this.#target.onOver((error) => {
        finish();
        const stopped = `the feed was stopped before the next '${type}'`;
        reject(error ?? new KiteError('KITE_CONNECTION_CLOSED', stopped));
      });
    });
  }

  #register(type: string, listener: unknown, detach: () => void): () => void {
    let byListener = this.#byType.get(type);
    if (!byListener) this.#byType.set(type, (byListener = new Map<unknown, (() => void)[]>()));
    const list = byListener.get(listener) ?? [];
    byListener.set(listener, list);
    const stop = (): void => {
      const index = list.indexOf(stop);
      if (index < 0) return;
      list.splice(index, 1);
      if (list.length === 0) byListener.delete(listener);
      detach();
    };
    list.push(stop);
    return stop;
  }
}

function aborted(signal: AbortSignal): KiteError {
  return new KiteError('KITE_CONNECTION_ABORTED', 'once() was aborted', { cause: signal.reason as unknown });
}
