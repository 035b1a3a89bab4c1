/** A list that keeps the newest entries, at most so many. */
export class BoundedLog<T> {
  readonly #capacity: number;
  #entries: T[] = [];
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The entries, oldest first. */
  get entries(): readonly T[] {
    return this.#entries;
  }

  /** How many older entries were let go. */
  get dropped(): number {
    return this.#dropped;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    // A quarter at a time: shifting one by one would move the whole list for each entry.
    if (this.#entries.length > this.#capacity * 1.25) {
      const surplus = this.#entries.length - this.#capacity;
      this.#entries = this.#entries.slice(surplus);
      this.#dropped += surplus;
    }
  }

  clear(): void {
    this.#entries = [];
  }
}
