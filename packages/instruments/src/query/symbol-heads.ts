import { inOrder } from './place-order.js';

/** So many characters of a symbol are its head. */
const HEAD_LENGTH = 5;

/** Characters of a head are told apart modulo this; those of symbols all are. */
const CHARACTERS = 64;

const PLACES = 2 ** 22;

/** The first characters of a text as one number. Texts with other heads may have the same one: anyone who asks compares them. */
export function headOf(text: string): number {
  let head = 0;
  for (let at = 0; at < HEAD_LENGTH; at++)
    head = head * CHARACTERS + (at < text.length ? text.charCodeAt(at) % CHARACTERS : 0);
  return head;
}

/** Places by the heads of their symbols, as sorted numbers: each one is a head and, in its low digits, a place. */
export class SymbolHeads {
  readonly #keys: Float64Array;

  /** @param heads one for each place, in order */
  constructor(heads: readonly number[]) {
    this.#keys = Float64Array.from(heads, (head, place) => head * PLACES + place).sort();
  }

  /** The places whose symbols may have exactly this head, in order. */
  *exactly(head: number): Generator<number> {
    const keys = this.#keys;
    const end = this.#indexOf(head + 1);
    for (let index = this.#indexOf(head); index < end; index++) yield keys[index]! - head * PLACES;
  }

  /** The places whose symbols may begin like this, in order. */
  beginning(text: string): Iterable<number> {
    if (text.length >= HEAD_LENGTH) return this.exactly(headOf(text));
    const first = headOf(text);
    const from = this.#indexOf(first);
    const to = this.#indexOf(first + CHARACTERS ** (HEAD_LENGTH - text.length));
    const places = Uint32Array.from(this.#keys.subarray(from, to), (key) => key % PLACES);
    return inOrder([places], this.#keys.length);
  }

  /** The index of the first key of this head, or where it would be. */
  #indexOf(head: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < head * PLACES) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
