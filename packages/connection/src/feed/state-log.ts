/** What a merge has to know of a state. */
export interface StateKind<Item> {
  /** Whether the first shows all that the second shows: it is the same state, in the same form or in a greater one. */
  readonly covers: (item: Item, other: Item) => boolean;
  /** The exchange's time, Unix milliseconds; null where the state does not say. */
  readonly timestampOf: (item: Item) => number | null;
  /** Traded since the day began; undefined where the state does not say. */
  readonly volumeOf: (item: Item) => number | undefined;
}

/** So many states are remembered at most for sources that are behind. */
const MEMORY = 1024;

/** For this long at most. No source that streams is further behind. Milliseconds. */
export const MEMORY_MS = 30_000;

/** A source that joins is told of this much later, at most; one that streams is mostly less behind. Milliseconds. */
export const RECENT_MS = 3000;

/** Entries are let go of in lots. */
const TRIMMED_AT_ONCE = 8;

/** A state that was handed on. */
export interface Entry<Source, Item> {
  /** In the greatest form that was handed on. Undefined: it was handed on before there was a log. */
  item: Item | undefined;
  readonly source: Source;
  /** When it was received first. */
  readonly at: number;
  /** It shows more of the price before it, perhaps of the same state. */
  readonly isForm: boolean;
  /** Whether other sources were streaming then. */
  readonly hadOthers: boolean;
  isCopied: boolean;
}

/**
 * The states of one instrument that were handed on, in order. A position counts them from the first one, also after that is
 * forgotten.
 */
export class StateLog<Source, Item> {
  readonly #kind: StateKind<Item>;
  #entries: Entry<Source, Item>[] = [];
  /** The position of the first entry that is kept. */
  #base = 0;

  constructor(kind: StateKind<Item>) {
    this.#kind = kind;
  }

  get base(): number {
    return this.#base;
  }

  /** The position behind the newest entry. */
  get end(): number {
    return this.#base + this.#entries.length;
  }

  /** Undefined: nothing was handed on since the log is kept. */
  get newest(): Entry<Source, Item> | undefined {
    return this.#entries.at(-1);
  }

  /** Undefined: it is not kept. */
  at(position: number): Entry<Source, Item> | undefined {
    return this.#entries[position - this.#base];
  }

  /** Whether there may be something to forget. */
  get isLong(): boolean {
    return this.#entries.length > TRIMMED_AT_ONCE;
  }

  push(entry: Entry<Source, Item>): void {
    this.#entries.push(entry);
  }

  clear(): void {
    this.#base = this.end;
    this.#entries = [];
  }

  /** Whether the first shows all that the second shows. */
  covers(item: Item, other: Item): boolean {
    return this.#kind.covers(item, other);
  }

  /** Whether the entry at this position shows the state. */
  shows(position: number, item: Item): boolean {
    const shown = this.at(position)?.item;
    return shown !== undefined && this.#kind.covers(shown, item);
  }

  /** The first entry from this position on that shows the state. */
  find(item: Item, from: number): number | undefined {
    for (let position = Math.max(this.#base, from); position < this.end; position++)
      if (this.shows(position, item)) return position;
    return undefined;
  }

  /** The last entry that shows the state. */
  findLast(item: Item): number | undefined {
    for (let position = this.end - 1; position >= this.#base; position--)
      if (this.shows(position, item)) return position;
    return undefined;
  }

  /** Whether the state says when it was, or how much was traded by then. */
  isDated(item: Item | undefined): boolean {
    if (item === undefined) return false;
    return this.#kind.timestampOf(item) !== null || this.#kind.volumeOf(item) !== undefined;
  }

  /** Positive: the first is newer; negative: older; 0: nothing tells. */
  compare(item: Item, other: Item | undefined): number {
    if (other === undefined) return 0;
    const [timestamp, before] = [this.#kind.timestampOf(item), this.#kind.timestampOf(other)];
    if (timestamp !== null && before !== null && timestamp !== before) return timestamp - before;
    const [volume, less] = [this.#kind.volumeOf(item), this.#kind.volumeOf(other)];
    return volume !== undefined && less !== undefined ? volume - less : 0;
  }

  /** Forgets what is old, and what nobody needs who is behind this position at least. Returns what is forgotten. */
  trim(needed: number, now: number): readonly Entry<Source, Item>[] {
    const entries = this.#entries;
    let count = 0;
    while (count < entries.length - 1) {
      const age = now - entries[count]!.at;
      const isNeeded = age <= RECENT_MS || (this.#base + count >= needed && age <= MEMORY_MS);
      if (isNeeded && entries.length - count <= MEMORY) break;
      count++;
    }
    if (count >= TRIMMED_AT_ONCE) count = Math.min(count, entries.length - this.#formsOfNewest());
    if (count < TRIMMED_AT_ONCE) return [];
    this.#base += count;
    return entries.splice(0, count);
  }

  /**
   * How many entries at the end show the newest state, as far as is known: from one that says its time or volume on, and then
   * its price alone. A source that begins anew brings them once more, however long ago they were.
   */
  #formsOfNewest(): number {
    const newest = this.newest!.item;
    if (newest === undefined) return 1;
    for (let count = 1; count <= MEMORY; count++) {
      const item = this.#entries.at(-count)?.item;
      if (item === undefined || !this.#kind.covers(item, newest)) break;
      if (this.isDated(item)) return count;
    }
    return 1;
  }
}
