import { inOrder } from './place-order.js';

/** The length of a symbol's head, in characters. */
const HEAD_LENGTH = 5;

/** Characters of a head are distinguished modulo this, enough for all characters of symbols. */
const CHARACTERS = 64;

const PLACES = 2 ** 22;

/** The first characters of a text as one number. Different heads may collide: the caller compares the texts. */
export function headOf(text: string): number {
  let head = 0;
  for (let at = 0; at < HEAD_LENGTH; at++)
    head = head * CHARACTERS + (at < text.length ? text.charCodeAt(at) % CHARACTERS : 0);
  return head;
}

/** Places by the heads of their symbols, as sorted numbers: each is a head with a place in its low digits. */
export class SymbolHeads {
  readonly #keys: Float64Array;

  /** @param heads one for each place, in order */
  constructor(heads: readonly number[]) {
    this.#keys = Float64Array.from(heads, (head, place) => head * PLACES + place).sort();
  }

  /** The places of symbols that may have exactly this head, in order. */
  *exactly(head: number): Generator<number> {
    const keys = this.#keys;
    const end = this.#indexOf(head + 1);
    for (let index = this.#indexOf(head); index < end; index++) yield keys[index]! - head * PLACES;
  }

  /** The places of symbols that may begin with this text, in order. */
  beginning(text: string): Iterable<number> {
    if (text.length >= HEAD_LENGTH) return this.exactly(headOf(text));
    const first = headOf(text);
    const from = this.#indexOf(first);
    const to = this.#indexOf(first + CHARACTERS ** (HEAD_LENGTH - text.length));
    const places = Uint32Array.from(this.#keys.subarray(from, to), (key) => key % PLACES);
    return inOrder([places], this.#keys.length);
  }

  /** The index of the first key of this head, or the one it would have. */
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
