/** Finds the row of a token: open addressing over the column of tokens. */
export class TokenTable {
  readonly #tokenOf: (row: number) => number;
  /** A row plus 1, or 0. */
  #rows = new Uint32Array(4096);
  #size = 0;

  constructor(tokenOf: (row: number) => number) {
    this.#tokenOf = tokenOf;
  }

  /** The row of a token; undefined if there is none. */
  find(token: number): number | undefined {
    const row = this.#rows[this.#slotOf(token)]!;
    return row === 0 ? undefined : row - 1;
  }

  /** Adds a row with a new token. */
  add(row: number, token: number): void {
    if (++this.#size * 2 > this.#rows.length) this.#grow();
    this.#rows[this.#slotOf(token)] = row + 1;
  }

  /** The slot of the token, or the free slot for it. */
  #slotOf(token: number): number {
    const mask = this.#rows.length - 1;
    // Tokens of an exchange share their low byte: mix in the other bytes.
    let slot = (Math.imul(token ^ (token >>> 15), 0x9e3779b1) >>> 8) & mask;
    for (; this.#rows[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#tokenOf(this.#rows[slot]! - 1) === token) break;
    return slot;
  }

  #grow(): void {
    const old = this.#rows;
    this.#rows = new Uint32Array(old.length * 2);
    for (const row of old) if (row !== 0) this.#rows[this.#slotOf(this.#tokenOf(row - 1))] = row;
  }
}
