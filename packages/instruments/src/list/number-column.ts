import { grown } from './bytes.js';

/** A column of numbers. */
export class NumberColumn<Values extends Float64Array | Int32Array | Uint32Array> {
  #values: Values;
  #rows = 0;

  /** @param values where to begin; it grows */
  constructor(values: Values) {
    this.#values = values;
  }

  /** One for each row, and after {@link trim} no more. */
  get values(): Values {
    return this.#values;
  }

  push(value: number): void {
    if (this.#rows === this.#values.length) this.#values = grown(this.#values, 1024);
    this.#values[this.#rows++] = value;
  }

  /** Gives back the memory that no row needs. */
  trim(): void {
    this.#values = this.#values.slice(0, this.#rows) as Values;
  }
}
