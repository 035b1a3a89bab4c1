/** A list that keeps only its newest entries. */
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

  /** How many older entries were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    // Drops a quarter at a time: shifting one by one would move the whole list for each entry.
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
