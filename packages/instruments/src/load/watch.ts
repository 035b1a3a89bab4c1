import { letExit, textOf, Warnings } from '@kite/kit';
import type { TickSource } from '@kite/protocol';

import { abortController } from '../runtime.js';
import type { Loaded, Loader } from './loader.js';

/** What a watch has to say. */
export interface WatchListeners {
  /** There is another list. */
  readonly onList: (loaded: Loaded) => void;
  /** The server has a new list, but loading it failed. It is tried again. */
  readonly onFailed: (error: unknown) => void;
}

/** The pause after a list could not be loaded; it doubles up to half an hour. In milliseconds. */
const RETRY_MS = 60_000;
const MAX_RETRY_MS = 1_800_000;

/** Loads the list again when a source says that the server's has another version: one load at a time, and one for each version. */
export class Watch {
  readonly #loader: Loader;
  readonly #listeners: WatchListeners;
  readonly #warnings = new Warnings();
  readonly #end = abortController();
  readonly #off: () => void;
  #current: Loaded;
  /** The version that the source told last. */
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

  /** Loads no more, and tells nothing more. */
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
      // A version that was told while one is loaded is loaded next.
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
    // A list that is watched is no reason to stay.
    letExit(this.#timer);
    this.#tell(() => this.#listeners.onFailed(error));
  }

  /** A listener that throws is contained. */
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
