import type { Direction } from './direction.js';

/** The volume traded between two ticks, at the price of the later one. */
export interface Print {
  /** Unix milliseconds. */
  readonly at: number;
  readonly price: number;
  readonly quantity: number;
  readonly direction: Direction;
}

/** Enough for a tall screen. */
const CAPACITY = 40;

/** The latest trades of one instrument, the newest first. */
export class Tape {
  readonly #prints: Print[] = [];

  get prints(): readonly Print[] {
    return this.#prints;
  }

  add(print: Print): void {
    this.#prints.unshift(print);
    if (this.#prints.length > CAPACITY) this.#prints.pop();
  }
}
