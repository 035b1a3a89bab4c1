import { grown } from './bytes.js';

/** A column of numbers. */
export class NumberColumn<Values extends Float64Array | Int32Array | Uint32Array> {
  #values: Values;
  #rows = 0;

  /** @param values the initial array; it grows */
  constructor(values: Values) {
    this.#values = values;
  }

  /** One per row; exactly that many after {@link trim}. */
  get values(): Values {
    return this.#values;
  }

  push(value: number): void {
    if (this.#rows === this.#values.length) this.#values = grown(this.#values, 1024);
    this.#values[this.#rows++] = value;
  }

  /** Releases unused memory. */
  trim(): void {
    this.#values = this.#values.slice(0, this.#rows) as Values;
  }
}
