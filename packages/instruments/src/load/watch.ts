import { letExit, textOf, Warnings } from '@kite/kit';
import type { TickSource } from '@kite/protocol';

import { abortController } from '../runtime.js';
import type { Loaded, Loader } from './loader.js';

/** The callbacks of a watch. */
export interface WatchListeners {
  /** There is another list. */
  readonly onList: (loaded: Loaded) => void;
  /** The server has a new list, but loading it failed. It will be tried again. */
  readonly onFailed: (error: unknown) => void;
}

/** The pause after a failed load, in milliseconds; it doubles up to half an hour. */
const RETRY_MS = 60_000;
const MAX_RETRY_MS = 1_800_000;

/** Reloads when a source reports another version of the list: one load at a time, one per version. */
export class Watch {
  readonly #loader: Loader;
  readonly #listeners: WatchListeners;
  readonly #warnings = new Warnings();
  readonly #end = abortController();
  readonly #off: () => void;
  #current: Loaded;
  /** The version that the source reported last. */
  #told: string | undefined;
  #isLoading = false;
  #failures = 0;
  #timer: unknown;

  constructor(loader: Loader, current: Loaded, source: TickSource, listeners: WatchListeners) {
    this.#loader = loader;
    this.#listeners = listeners;
    this.#current = current;
    this.#off = source.on('instruments-meta', ({ etag }) => {
      if (etag === this.#told) return;
      this.#told = etag;
      if (!isSameVersion(etag, this.#current.etag)) void this.#load();
    });
  }

  /** Stops loading and reporting. */
  stop(): void {
    this.#off();
    this.#loader.clock.clearTimeout(this.#timer);
    this.#end.abort();
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#loader.clock.clearTimeout(this.#timer);
    let told: string | undefined;
    try {
      // A version reported during a load is loaded next.
      while (told !== this.#told && !this.#end.signal.aborted) {
        told = this.#told;
        const loaded = await this.#loader.reload(this.#current, this.#end.signal);
        this.#failures = 0;
        this.#current = loaded;
        this.#tell(() => this.#listeners.onList(loaded));
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isLoading = false;
    }
  }

  #failed(error: unknown): void {
    if (this.#end.signal.aborted) return;
    const pause =
      Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** this.#failures++) * (0.5 + this.#loader.random() / 2);
    this.#timer = this.#loader.clock.setTimeout(() => void this.#load(), pause);
    // Watching a list must not keep the process alive.
    letExit(this.#timer);
    this.#tell(() => this.#listeners.onFailed(error));
  }

  /** Contains a listener that throws. */
  #tell(act: () => void): void {
    if (this.#end.signal.aborted) return;
    try {
      act();
    } catch (cause) {
      this.#warnings.warn('listener', `a listener of watch() has thrown: ${textOf(cause)}`);
    }
  }
}

/** Whether two ETags name the same list. A weak one and a strong one may. */
function isSameVersion(one: string, other: string | null): boolean {
  return other !== null && one.replace(/^W\//u, '') === other.replace(/^W\//u, '');
}
