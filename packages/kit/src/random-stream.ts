/** Turns 32 bits into 32 well-mixed ones; no two inputs give the same output. */
export function scramble(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x21f0_aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a_2d97);
  return (value ^ (value >>> 15)) >>> 0;
}

/**
 * A reproducible stream of random numbers: a counter in steps of the golden ratio, scrambled (the splitmix construction).
 * One integer of state, so a program can hold tens of thousands of streams.
 */
export class RandomStream {
  #state: number;

  /** @param state start of the counter; scramble a value that may be small or close to another stream's */
  constructor(state: number) {
    this.#state = state;
  }

  /** From 0 (included) to 1 (excluded). */
  next(): number {
    this.#state = (this.#state + 0x9e37_79b9) | 0;
    return scramble(this.#state) / 0x1_0000_0000;
  }
}
