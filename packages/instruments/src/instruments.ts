import { checkOptions, type OptionRule, optionRules, withMethods } from '@kite/kit';
import { type Clock, KiteError, KiteInputError, type TickSource } from '@kite/protocol';

import { systemClock } from './clock.js';
import { contained } from './contained.js';
import type { Instrument } from './instrument.js';
import { dateNumber } from './list/date-cell.js';
import type { InstrumentList } from './list/instrument-list.js';
import type { ListIssue } from './list/list-issue.js';
import type { LoadOptions } from './load/load-options.js';
import { type Loaded, Loader } from './load/loader.js';
import { Watch } from './load/watch.js';
import { parseAtOnce, parseStream } from './parse.js';
import { type ChainRow, Derivatives, FUTURE_MONTHS, type FutureMonth } from './query/derivatives.js';
import { diffLists, type InstrumentsDiff } from './query/diff.js';
import { Search } from './query/search.js';
import { parseQuery, type SearchOptions } from './query/search-query.js';
import type { ByteStream } from './runtime.js';

/** How a list is parsed. */
export interface ParseOptions {
  /** Called for each skipped row. One that throws is contained, and a `KiteWarning` says so once. */
  onIssue?: ((issue: ListIssue) => unknown) | undefined;
  /** The clock for `loadedAt`. Default: the machine's. */
  clock?: Clock | undefined;
}

/** The callbacks of a watch. */
export interface WatchOptions {
  /** Called with the changes when there is another list. */
  onChange?: ((diff: InstrumentsDiff) => unknown) | undefined;
  /** Called when a list that is due could not be loaded. Retries begin after a minute. */
  onError?: ((error: unknown) => unknown) | undefined;
}

const CODE = 'KITE_INSTRUMENTS_INVALID_OPTION';

const DEFAULT_LIMIT = 20;

const text: OptionRule = { allowed: 'a string', accepts: (value) => typeof value === 'string' };

const PARSE_RULES = { onIssue: optionRules.function, clock: withMethods('now') };

const SEARCH_RULES = { exchange: text, type: text, limit: optionRules.positiveInteger };

const WATCH_RULES = { onChange: optionRules.function, onError: optionRules.function };

const ARGUMENT_RULES = {
  csv: {
    allowed: 'a string, a Uint8Array or a ReadableStream of bytes',
    accepts: (value: unknown) =>
      typeof value === 'string' || value instanceof Uint8Array || isStream(value as object),
  },
  name: text,
  text,
  underlying: text,
  expiry: {
    allowed: 'a date YYYY-MM-DD',
    accepts: (value: unknown) => typeof value === 'string' && dateNumber(value) !== undefined,
  },
  price: {
    allowed: 'a finite number of rupees',
    accepts: (value: unknown) => Number.isFinite(value),
  },
  n: {
    allowed: 'an integer from 0',
    accepts: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0,
  },
  month: {
    allowed: FUTURE_MONTHS.map((month) => `'${month}'`).join(', '),
    accepts: (value: unknown) => FUTURE_MONTHS.includes(value as FutureMonth),
  },
  older: { allowed: 'Instruments', accepts: (value: unknown) => value instanceof Instruments },
  source: withMethods('on', 'messages'),
} satisfies Record<string, OptionRule>;

/**
 * Kite's daily list of instruments: names to tokens and back, search, expiries, option chains.
 *
 * Held in columns, about 11 MB for all 109 000 instruments; objects are made on request. A name is the exchange and the
 * symbol, `NSE:INFY`. Pass it as the managers' option `instruments`.
 */
export class Instruments implements Iterable<Instrument> {
  readonly #loader: Loader | undefined;
  #loaded: Loaded;
  #search: Search | undefined;
  #derivatives: Derivatives | undefined;
  #watch: Watch | undefined;

  private constructor(loaded: Loaded, loader?: Loader) {
    this.#loaded = loaded;
    this.#loader = loader;
  }

  /**
   * Loads the day's list, from `cacheDir` if it is there, else from Kite. Kite makes the new list at 08:00 in India;
   * after that the server is asked again, and sends nothing if its list has not changed. Until 08:30 every load asks: the
   * new list may be late. A failed request is repeated twice, 1 and 2 s later or when the server says, but not if it
   * wants more than a minute. If all fail, an earlier day's list is used and `isStale` is true.
   *
   * Rejects with `KITE_INSTRUMENTS_LOAD_FAILED` if there is no earlier list, with `KITE_INSTRUMENTS_ABORTED`, or with
   * `KITE_INSTRUMENTS_INVALID_OPTION`.
   */
  static async load(options: LoadOptions = {}): Promise<Instruments> {
    const loader = new Loader(options);
    return new Instruments(await loader.load(options.signal), loader);
  }

  /**
   * Parses a list: text and bytes at once, a stream as it comes. Malformed rows are skipped and reported to `onIssue`
   * with their line.
   *
   * @throws KiteError `KITE_INSTRUMENTS_INVALID_LIST`, or KiteInputError `KITE_INSTRUMENTS_INVALID_OPTION`; for a stream the
   * promise rejects with them, and with `KITE_INSTRUMENTS_LOAD_FAILED` when the stream fails
   */
  static parse(csv: string | Uint8Array, options?: ParseOptions): Instruments;
  static parse(csv: ByteStream, options?: ParseOptions): Promise<Instruments>;
  static parse(
    csv: string | Uint8Array | ByteStream,
    options: ParseOptions = {},
  ): Instruments | Promise<Instruments> {
    checkOptions(KiteInputError, CODE, options, PARSE_RULES);
    checkArguments({ csv });
    const { clock = systemClock } = options;
    const onIssue = contained('onIssue', options.onIssue);
    const made = (list: InstrumentList): Instruments =>
      new Instruments({ list, etag: null, loadedAt: clock.now(), isStale: false });
    if (typeof csv === 'string' || csv instanceof Uint8Array) return made(parseAtOnce(csv, onIssue));
    return parseStream(csv, onIssue).then(made);
  }

  /** The number of instruments. */
  get size(): number {
    return this.#list.size;
  }

  /** The number of malformed rows, which were skipped. */
  get skippedRows(): number {
    return this.#list.skipped;
  }

  /** The list is an earlier day's, or the feed tells of another version; the new one could not be loaded. */
  get isStale(): boolean {
    return this.#loaded.isStale;
  }

  /** When the server gave or last confirmed the list, or when it was parsed. Unix milliseconds. */
  get loadedAt(): number {
    return this.#loaded.loadedAt;
  }

  /** The instrument of a token; undefined if the list has no such token. */
  get(token: number): Instrument | undefined {
    return this.#at(this.#list.rowOfToken(token));
  }

  /** The instrument of a name like `NSE:INFY`, in capitals; undefined if the list has no such name. */
  find(name: string): Instrument | undefined {
    checkArguments({ name });
    return this.#at(this.#list.rowOfName(name));
  }

  /** The token of a name like `NSE:INFY`; undefined if the list has no such name. */
  tokenOf(name: string): number | undefined {
    checkArguments({ name });
    const row = this.#list.rowOfName(name);
    return row === undefined ? undefined : this.#list.columns.tokens.values[row];
  }

  /** The name of a token; undefined if the list has no such token. */
  nameOf(token: number): string | undefined {
    const row = this.#list.rowOfToken(token);
    return row === undefined ? undefined : this.#list.nameOf(row);
  }

  /**
   * Finds instruments by what a person types, best first: `infy`, `nifty 24500 ce`, `reliance fut`, `NSE:tata`. The
   * first word is a symbol or a name, or the beginning of one; numbers after it are strikes; `ce`, `pe`, `fut` and `eq`
   * are types, `dec` a month of expiry. Case does not matter. Ranking: the exact symbol; symbols that begin with the
   * word, and the exact name; names with such a word; symbols that contain it. Within a rank: indices, shares, futures,
   * options; near expiries first.
   *
   * The first search builds the index, in about a quarter of a second.
   *
   * @throws KiteInputError `KITE_INSTRUMENTS_INVALID_OPTION`
   */
  search(text: string, options: SearchOptions = {}): Instrument[] {
    checkArguments({ text });
    checkOptions(KiteInputError, CODE, options, SEARCH_RULES);
    this.#search ??= new Search(this.#list);
    const rows = this.#search.rows(parseQuery(text, options), options.limit ?? DEFAULT_LIMIT);
    return rows.map((row) => this.#list.at(row));
  }

  /**
   * The expiry dates of an underlying's derivatives, `YYYY-MM-DD`, in order; none for an unknown underlying. They come
   * from the list: no rule, no clock. Name the underlying as on its derivatives (`NIFTY`, `NFO:NIFTY`) or as it is
   * traded (`NSE:INFY`, `NIFTY 50`). Without an exchange, the one with the most such derivatives is used.
   */
  expiries(underlying: string): string[] {
    checkArguments({ underlying });
    return this.#byUnderlying().expiries(underlying);
  }

  /** The option chain, strike by strike. Default: the first expiry. Empty if there are no options. */
  chain(underlying: string, expiry?: string): ChainRow[] {
    checkArguments({ underlying, expiry });
    return this.#byUnderlying().chain(underlying, expiry);
  }

  /**
   * The strike nearest to the price and `n` on each side: 2n + 1 rows of the chain. At an end of the chain the other
   * side gets more instead; a shorter chain comes whole.
   *
   * @throws KiteInputError `KITE_INSTRUMENTS_INVALID_OPTION`
   */
  atTheMoney(underlying: string, price: number, n: number, expiry?: string): ChainRow[] {
    checkArguments({ underlying, price, n, expiry });
    return this.#byUnderlying().atTheMoney(underlying, price, n, expiry);
  }

  /** The future of the list's first, second or third expiry; undefined if there is none. */
  future(underlying: string, month: FutureMonth = 'near'): Instrument | undefined {
    checkArguments({ underlying, month });
    return this.#byUnderlying().future(underlying, month);
  }

  /** What this list changes in an older one. */
  diff(older: Instruments): InstrumentsDiff {
    checkArguments({ older });
    return diffLists(older.#list, this.#list);
  }

  /**
   * Reloads each morning soon after 08:00 in India, and when a feed learns that the server has another version. This
   * object is then the new list; objects it returned before do not change. Any number of feeds can be watched: each list
   * is loaded once. Does not keep the process alive.
   *
   * @returns a function that stops it
   * @throws KiteError `KITE_INSTRUMENTS_NOT_LOADED` for a list that {@link parse} made
   */
  watch(source: TickSource, options: WatchOptions = {}): () => void {
    checkArguments({ source });
    checkOptions(KiteInputError, CODE, options, WATCH_RULES);
    if (!this.#loader) {
      const message = 'watch() needs a list that Instruments.load() made: this one was parsed';
      throw new KiteError('KITE_INSTRUMENTS_NOT_LOADED', message);
    }
    if (!this.#watch || this.#watch.isOver)
      this.#watch = new Watch(this.#loader, this.#loaded, (loaded) => {
        this.#replace(loaded);
      });
    const onChange = contained('onChange', options.onChange);
    return this.#watch.add(source, {
      onList: ({ list }, before) => {
        if (list !== before.list) onChange(diffLists(before.list, list));
      },
      onFailed: contained('onError', options.onError),
    });
  }

  /** Every instrument, in the order of the list. */
  *[Symbol.iterator](): Generator<Instrument> {
    const list = this.#list;
    for (let row = 0; row < list.size; row++) yield list.at(row);
  }

  /** A summary, without the rows. */
  toJSON(): { size: number; skippedRows: number; isStale: boolean; loadedAt: number } {
    const { size, skippedRows, isStale, loadedAt } = this;
    return { size, skippedRows, isStale, loadedAt };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Instruments { size: ${this.size}, isStale: ${this.isStale} }`;
  }

  get #list(): InstrumentList {
    return this.#loaded.list;
  }

  #at(row: number | undefined): Instrument | undefined {
    return row === undefined ? undefined : this.#list.at(row);
  }

  #byUnderlying(): Derivatives {
    return (this.#derivatives ??= new Derivatives(this.#list));
  }

  #replace(loaded: Loaded): void {
    if (loaded.list !== this.#list) this.#search = this.#derivatives = undefined;
    this.#loaded = loaded;
  }
}

/** @throws KiteInputError that names the argument */
function checkArguments(given: Readonly<Partial<Record<keyof typeof ARGUMENT_RULES, unknown>>>): void {
  for (const [field, value] of Object.entries(given)) {
    const { allowed, accepts } = ARGUMENT_RULES[field as keyof typeof ARGUMENT_RULES];
    if (value === undefined && field === 'expiry') continue;
    if (!accepts(value)) throw new KiteInputError(CODE, { field, value, allowed });
  }
}

function isStream(value: object | null): boolean {
  return typeof value === 'object' && value !== null && 'getReader' in value;
}
