import { deferred, textOf, Timer } from '@kite/kit';
import { isKiteError, KiteError } from '@kite/protocol';

import type { InstrumentList } from '../list/instrument-list.js';
import type { ListIssue } from '../list/list-issue.js';
import { ListParser } from '../list/list-parser.js';
import type { AbortSignalLike } from '../runtime.js';
import { ListCache } from './cache.js';
import type { CachedList } from './cache-file.js';
import { aborted, type Download, download, type DownloadFailure, loadFailed } from './download.js';
import { isFresh } from './freshness.js';
import { type LoadConfig, type LoadOptions, resolveLoadOptions } from './load-options.js';

/** A list and its origin. */
export interface Loaded {
  readonly list: InstrumentList;
  readonly etag: string | null;
  /** When the server gave or last confirmed it, in Unix milliseconds. */
  readonly loadedAt: number;
  /** It is an earlier day's list; the server gave no newer one. */
  readonly isStale: boolean;
}

/** A server's answer, read. */
type Answer =
  | Extract<Download, { kind: 'unchanged' }>
  | (Extract<Download, { kind: 'list' }> & { readonly list: InstrumentList });

/** After this many failed requests the load has failed. */
const ATTEMPTS = 3;

/** The pause before the second request, in milliseconds; it doubles. */
const PAUSE_MS = 1000;

/** A server that asks for a longer pause, in milliseconds, ends the load: asking earlier would be rude. */
const MAX_PAUSE_MS = 60_000;

/** The longest time that a server can keep us away, in milliseconds: until the next list. */
const MAX_AWAY_MS = 86_400_000;

/** Loads one list repeatedly: one request at a time, and none for what it already has. */
export class Loader {
  readonly #config: LoadConfig;
  readonly #cache: ListCache | undefined;
  /** No request before this time, by the monotonic clock: the server has asked for patience. */
  #notBefore = -Infinity;

  /** @throws KiteInputError `KITE_INSTRUMENTS_INVALID_OPTION` */
  constructor(options: LoadOptions) {
    const config = resolveLoadOptions(options);
    this.#config = config;
    if (config.cacheDir !== undefined)
      this.#cache = new ListCache(config.cacheDir, config.url, {
        onTrouble: (message) => config.onIssue({ kind: 'cache', message }),
        random: config.random,
      });
  }

  get clock(): LoadConfig['clock'] {
    return this.#config.clock;
  }

  get random(): LoadConfig['random'] {
    return this.#config.random;
  }

  /** How long the server still wants no request, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.#notBefore - this.#config.clock.monotonic());
  }

  /** The day's list: the cached one, or the server's, or else an earlier day's. */
  async load(signal?: AbortSignalLike): Promise<Loaded> {
    if (signal?.aborted) throw aborted(signal);
    const issues: ListIssue[] = [];
    const cached = await this.#cached(issues);
    const { clock, maxAgeMs } = this.#config;
    const isEnough = cached && isFresh(cached.loadedAt, clock.now(), maxAgeMs);
    const loaded = isEnough ? cached : await this.#fetchOr(cached, signal);
    // Skip the issues of a replaced list.
    if (loaded.list === cached?.list) for (const issue of issues) this.#config.onIssue(issue);
    return loaded;
  }

  /** The server's present list, or the current one if it has no newer one. */
  reload(current: Loaded, signal: AbortSignalLike): Promise<Loaded> {
    return this.#fetch(current, signal);
  }

  async #cached(issues: ListIssue[]): Promise<Loaded | undefined> {
    const cached = await this.#cache?.read();
    if (!cached) return undefined;
    const { bytes, etag, loadedAt } = cached;
    try {
      const { list } = parseWhole(bytes, (issue) => issues.push(issue));
      return { list, etag, loadedAt, isStale: false };
    } catch (cause) {
      this.#config.onIssue({ kind: 'cache', message: `the cached list is none: ${textOf(cause)}` });
      return undefined;
    }
  }

  async #fetchOr(cached: Loaded | undefined, signal: AbortSignalLike | undefined): Promise<Loaded> {
    try {
      return await this.#fetch(cached, signal);
    } catch (error) {
      if (!cached || !isKiteError(error, 'KITE_INSTRUMENTS_LOAD_FAILED')) throw error;
      return { ...cached, isStale: true };
    }
  }

  async #fetch(current: Loaded | undefined, signal: AbortSignalLike | undefined): Promise<Loaded> {
    for (let attempt = 1; ; attempt++) {
      const answer = this.#read(await download(this.#config, current?.etag ?? null, signal));
      if (answer.kind !== 'failed') return this.#take(answer, current);
      const patience = Math.min(MAX_AWAY_MS, answer.retryAfterMs);
      if (patience > 0) this.#notBefore = this.#config.clock.monotonic() + patience;
      if (!answer.mayRetry || attempt === ATTEMPTS || patience > MAX_PAUSE_MS)
        throw withAttempts(answer.error, attempt);
      const pause = PAUSE_MS * 2 ** (attempt - 1) * (0.5 + this.#config.random());
      await this.#pause(Math.max(pause, patience), signal);
    }
  }

  async #take(answer: Answer, current?: Loaded): Promise<Loaded> {
    const loadedAt = this.#config.clock.now();
    if (answer.kind === 'unchanged') {
      const confirmed: Loaded = { ...current!, loadedAt, isStale: false };
      const cached = await this.#cache?.read();
      const isSame = cached?.etag === confirmed.etag;
      if (cached && isSame) await this.#cache?.write({ ...cached, loadedAt });
      return confirmed;
    }
    const { list, bytes, etag } = answer;
    await this.#cache?.write({ bytes, etag, loadedAt } satisfies CachedList);
    return { list, etag, loadedAt, isStale: false };
  }

  /** Refuses a list that has not come whole, or is mostly damaged: an earlier day's is better. */
  #read(answer: Download | DownloadFailure): Answer | DownloadFailure {
    if (answer.kind !== 'list') return answer;
    const issues: ListIssue[] = [];
    let parsed: ReturnType<typeof parseWhole>;
    try {
      parsed = parseWhole(answer.bytes, (issue) => issues.push(issue));
    } catch (cause) {
      if (!isKiteError(cause, 'KITE_INSTRUMENTS_INVALID_LIST')) throw cause;
      return refused('the answer is no list', false, cause);
    }
    const { list, isCutOff } = parsed;
    if (isCutOff) return refused('the answer ends in the middle of a row', true);
    for (const issue of issues) this.#config.onIssue(issue);
    if (list.size === 0 || list.skipped > list.size)
      return refused(
        `the answer has ${list.size} instruments, and ${list.skipped} rows that are none`,
        false,
      );
    return { ...answer, list };
  }

  /** The pause between two requests. */
  async #pause(ms: number, signal: AbortSignalLike | undefined): Promise<void> {
    const timer = new Timer(this.#config.clock);
    const over = deferred<undefined>();
    const onAbort = (): void => {
      over.reject(aborted(signal));
    };
    timer.set(ms, () => {
      over.resolve(undefined);
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    try {
      await over.promise;
    } finally {
      timer.clear();
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

function parseWhole(
  bytes: Uint8Array,
  onIssue: LoadConfig['onIssue'],
): { list: InstrumentList; isCutOff: boolean } {
  const parser = new ListParser(onIssue);
  parser.push(bytes);
  const list = parser.end();
  return { list, isCutOff: parser.isCutOff };
}

function refused(why: string, mayRetry: boolean, cause?: unknown): DownloadFailure {
  return { kind: 'failed', error: loadFailed(why, { cause }), mayRetry, retryAfterMs: 0 };
}

function withAttempts(error: KiteError, attempts: number): KiteError {
  const { code, message, cause, status, response } = error;
  const answer = { ...(status !== undefined && { status }), ...(response !== undefined && { response }) };
  return new KiteError(code, message, { ...answer, cause, attempts });
}
