import { letExit } from '@kite/kit';
import type { TickSource } from '@kite/protocol';

import { abortController } from '../runtime.js';
import { isFresh, nextListDue } from './freshness.js';
import type { Loaded, Loader } from './loader.js';
import { Versions } from './versions.js';

/** One who watches. Its methods never throw. */
export interface Watcher {
  /** The server has given or confirmed a list. */
  readonly onList: (loaded: Loaded, before: Loaded) => void;
  /** A new list is due, but loading it failed. It will be tried again. */
  readonly onFailed: (error: unknown) => void;
}

/** The pause after a failed load, in milliseconds; it doubles up to half an hour. */
const RETRY_MS = 60_000;
const MAX_RETRY_MS = 1_800_000;

/** How often to ask again for a version that the server may never name: for half an hour. */
const DOUBTS = 5;

/** Programs all over India wait for 08:00: each asks some time within these milliseconds after it. */
const SPREAD_MS = 300_000;

/** The longest sleep in milliseconds, since a machine may be asleep, or have its clock set, meanwhile. */
const SLEEP_MS = 3_600_000;

/**
 * Reloads a list when it is due, and when a feed reports another version: one load at a time, however many watch. Over
 * when the last of them has left.
 */
export class Watch {
  readonly #loader: Loader;
  readonly #onLoaded: (loaded: Loaded) => void;
  readonly #watchers = new Set<Watcher>();
  readonly #versions = new Versions();
  readonly #end = abortController();
  #current: Loaded;
  #isLoading = false;
  #failures = 0;
  #timer: unknown;

  /** @param onLoaded called before the watchers, and when the list becomes stale */
  constructor(loader: Loader, current: Loaded, onLoaded: (loaded: Loaded) => void) {
    this.#loader = loader;
    this.#current = current;
    this.#onLoaded = onLoaded;
  }

  /** Whether the last watcher has left. */
  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** Also listens to this feed. @returns a function that ends it */
  add(source: TickSource, watcher: Watcher): () => void {
    const off = source.on('instruments-meta', ({ etag }) => {
      if (this.#versions.hear(etag, this.#current.etag)) void this.#load();
    });
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#begin();
    return () => {
      off();
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#stop();
    };
  }

  #begin(): void {
    if (this.#current.isStale) this.#retryLater();
    else this.#awaitNext();
  }

  #stop(): void {
    this.#loader.clock.clearTimeout(this.#timer);
    this.#end.abort();
  }

  async #load(): Promise<void> {
    if (this.#isLoading || this.isOver) return;
    if (this.#loader.pauseMs > 0) {
      this.#sleep(this.#loader.pauseMs, () => void this.#load());
      return;
    }
    this.#isLoading = true;
    this.#loader.clock.clearTimeout(this.#timer);
    try {
      let told: string | undefined;
      do {
        told = this.#versions.told;
        this.#take(await this.#loader.reload(this.#current, this.#end.signal));
        // A version reported during a load is loaded next.
      } while (told !== this.#versions.told);
      this.#schedule();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isLoading = false;
    }
  }

  #take(loaded: Loaded): void {
    const { etag, loadedAt } = loaded;
    const isDoubtful = this.#versions.areAlike || !isFresh(loadedAt, this.#loader.clock.now(), Infinity);
    this.#replace({ ...loaded, isStale: !this.#versions.isTold(etag) && isDoubtful });
  }

  #replace(loaded: Loaded): void {
    if (this.isOver) return;
    const before = this.#current;
    this.#current = loaded;
    this.#onLoaded(loaded);
    this.#tell((watcher) => watcher.onList(loaded, before));
  }

  /** What comes after a load that went well. */
  #schedule(): void {
    const isTold = this.#versions.isTold(this.#current.etag);
    if (!isTold && (this.#versions.areAlike || this.#failures < DOUBTS)) this.#retryLater();
    else {
      this.#failures = 0;
      this.#awaitNext();
    }
  }

  #fail(error: unknown): void {
    if (this.isOver) return;
    this.#retryLater();
    this.#current = { ...this.#current, isStale: true };
    this.#onLoaded(this.#current);
    this.#tell((watcher) => watcher.onFailed(error));
  }

  #retryLater(): void {
    const longest = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** this.#failures++);
    const pause = longest * (0.5 + this.#loader.random() / 2);
    this.#sleep(Math.max(pause, this.#loader.pauseMs), () => void this.#load());
  }

  #awaitNext(): void {
    const due = nextListDue(this.#current.loadedAt) + this.#loader.random() * SPREAD_MS;
    const look = (): void => {
      const now = this.#loader.clock.now();
      // A list from the future: the clock was set back.
      if (now >= due || now < this.#current.loadedAt) void this.#load();
      else this.#sleep(Math.min(SLEEP_MS, due - now), look);
    };
    look();
  }

  #sleep(ms: number, then: () => void): void {
    const { clock } = this.#loader;
    clock.clearTimeout(this.#timer);
    if (this.isOver) return;
    this.#timer = clock.setTimeout(then, ms);
    // Watching a list must not keep the process alive.
    letExit(this.#timer);
  }

  #tell(act: (watcher: Watcher) => void): void {
    for (const watcher of [...this.#watchers]) if (this.#watchers.has(watcher)) act(watcher);
  }
}
