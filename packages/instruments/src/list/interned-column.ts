import { textDecoder } from '../runtime.js';
import { grown, hashBytes } from './bytes.js';

/** A column of texts that repeat: stores each text once, and its id for each row. */
export class InternedColumn {
  #ids = new Uint32Array(1024);
  #rows = 0;
  readonly #values: string[] = [];
  readonly #decoder = textDecoder();
  /** The bytes of all values, one after the other, and the end of each. */
  #pool = new Uint8Array(1024);
  #ends = new Uint32Array(64);
  /** Open addressing: an id plus 1, or 0. */
  #table = new Uint32Array(256);

  /** The text of each id. */
  get values(): readonly string[] {
    return this.#values;
  }

  /** The id of each row's text. */
  get ids(): Uint32Array {
    return this.#ids;
  }

  /** The text of a row. */
  at(row: number): string {
    return this.#values[this.#ids[row]!]!;
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    if (this.#rows === this.#ids.length) this.#ids = grown(this.#ids, 0);
    const row = this.#rows++;
    // The list is roughly sorted: most rows have the text of the row before.
    const last = row === 0 ? -1 : this.#ids[row - 1]!;
    this.#ids[row] = last >= 0 && this.#equals(last, bytes, from, to) ? last : this.#idOf(bytes, from, to);
  }

  /** Releases unused memory. */
  trim(): void {
    this.#ids = this.#ids.slice(0, this.#rows);
    this.#pool = new Uint8Array(0);
    this.#ends = new Uint32Array(0);
    this.#table = new Uint32Array(0);
  }

  #idOf(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#table.length - 1;
    let slot = hashBytes(bytes, from, to) & mask;
    for (; this.#table[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#equals(this.#table[slot]! - 1, bytes, from, to)) return this.#table[slot]! - 1;
    const id = this.#values.push(this.#decoder.decode(bytes.subarray(from, to))) - 1;
    const start = id === 0 ? 0 : this.#ends[id - 1]!;
    const end = start + to - from;
    if (end > this.#pool.length) this.#pool = grown(this.#pool, end);
    this.#pool.set(bytes.subarray(from, to), start);
    if (id === this.#ends.length) this.#ends = grown(this.#ends, 0);
    this.#ends[id] = end;
    this.#table[slot] = id + 1;
    if (id * 2 > mask) this.#rehash();
    return id;
  }

  #equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = id === 0 ? 0 : this.#ends[id - 1]!;
    if (this.#ends[id]! - start !== to - from) return false;
    const pool = this.#pool;
    for (let at = from, there = start; at < to; at++, there++) if (bytes[at] !== pool[there]) return false;
    return true;
  }

  #rehash(): void {
    const table = new Uint32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let id = 0; id < this.#values.length; id++) {
      let slot = hashBytes(this.#pool, id === 0 ? 0 : this.#ends[id - 1]!, this.#ends[id]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = id + 1;
    }
    this.#table = table;
  }
}
