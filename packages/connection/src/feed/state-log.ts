/** What a merge needs to know of a state. */
export interface StateKind<Item> {
  /** Whether the first shows all that the second shows: the same state, in the same form or a greater one. */
  readonly covers: (item: Item, other: Item) => boolean;
  /** The exchange's time, Unix milliseconds; null where the state does not say. */
  readonly timestampOf: (item: Item) => number | null;
  /** Traded since the day began; undefined where the state does not say. */
  readonly volumeOf: (item: Item) => number | undefined;
}

/** At most this many states are remembered for sources that are behind. */
const MEMORY = 1024;

/** How long they are remembered at most, in milliseconds. No streaming source is further behind. */
export const MEMORY_MS = 30_000;

/** A source that joins is reported this much later at most, in milliseconds; one that streams is mostly less behind. */
export const RECENT_MS = 3000;

/** Entries are forgotten at least this many at once. */
const TRIMMED_AT_ONCE = 8;

/** A delivered state. */
export interface Entry<Source, Item> {
  /** In the greatest form that was delivered. Undefined: it was delivered before there was a log. */
  item: Item | undefined;
  readonly source: Source;
  /** When it was first received. */
  readonly at: number;
  /** Whether it shows more of the price before it, perhaps of the same state. */
  readonly isForm: boolean;
  /** Whether other sources were streaming then. */
  readonly hadOthers: boolean;
  isCopied: boolean;
}

/** The delivered states of one instrument, in order. Positions count from the first one, even after it is forgotten. */
export class StateLog<Source, Item> {
  readonly #kind: StateKind<Item>;
  #entries: Entry<Source, Item>[] = [];
  /** The position of the first entry that is kept. */
  #base = 0;
  /** The position of a state that is wanted once more if it is still the newest. */
  #wanted = -1;
  /** The lesser form of the newest state that was delivered once more. Undefined: none was since it was wanted. */
  #lesser: Item | undefined;

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

  /** Undefined: nothing was delivered since the log is kept. */
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
    this.#lesser = undefined;
    this.#entries.push(entry);
  }

  /** The newest state is wanted once more. */
  wantNewest(): void {
    this.#wanted = this.end - 1;
    this.#lesser = undefined;
  }

  /** Whether this state is wanted once more. */
  isWanted(position: number): boolean {
    return position === this.#wanted && position === this.end - 1;
  }

  /** The newest state was delivered once more, in this form. */
  deliveredAgain(item: Item): void {
    this.delivered();
    const newest = this.newest?.item;
    if (newest !== undefined && !this.covers(item, newest)) this.#lesser = item;
  }

  /** Whether the newest state was delivered once more in this lesser form. */
  hasLesser(item: Item): boolean {
    const lesser = this.#lesser;
    return lesser !== undefined && this.covers(lesser, item) && this.covers(item, lesser);
  }

  /** The newest state was delivered. */
  delivered(): void {
    this.#wanted = -1;
  }

  clear(): void {
    this.#base = this.end;
    this.#entries = [];
    this.#lesser = undefined;
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

  /** Forgets old entries, sooner if they lie before the position `needed`. Returns what is forgotten. */
  trim(needed: number, now: number): readonly Entry<Source, Item>[] {
    const entries = this.#entries;
    let count = 0;
    while (count < entries.length - 1) {
      const age = now - entries[count]!.at;
      const isNeeded = age <= RECENT_MS || (this.#base + count >= needed && age <= MEMORY_MS);
      if (isNeeded && entries.length - count <= MEMORY) break;
      count++;
    }
    if (count >= TRIMMED_AT_ONCE) {
      // The newest state of now, and that of then: a source that is a little late may bring it.
      const recent = entries.findIndex(({ at }) => now - at <= RECENT_MS);
      for (const end of [entries.length, recent])
        if (end > 0) count = Math.min(count, end - this.#formsOfNewest(end));
    }
    if (count < TRIMMED_AT_ONCE) return [];
    this.#base += count;
    return entries.splice(0, count);
  }

  /**
   * How many entries before this one show the newest state of that time, as far as known: one that says its time or
   * volume, then its price alone. A source that begins anew brings them once more, however long ago they were.
   */
  #formsOfNewest(end: number): number {
    const newest = this.#entries[end - 1]!.item;
    if (newest === undefined) return 1;
    for (let count = 1; count <= Math.min(MEMORY, end); count++) {
      const { item } = this.#entries[end - count]!;
      if (item === undefined || !this.#kind.covers(item, newest)) break;
      if (this.isDated(item)) return count;
    }
    return 1;
  }
}
