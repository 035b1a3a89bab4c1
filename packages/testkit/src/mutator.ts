/** Bytes and words at which parsers go wrong. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const LENGTHS = [1, 2, 4, 8];

/** What a {@link Mutator} works with. */
export interface MutatorOptions {
  readonly seed: number;
  /** The longest input that it makes, in bytes. */
  readonly maxLength: number;
  /** Words to put into inputs. */
  readonly words: readonly Uint8Array[];
}

/** Makes new inputs from known ones. The same seed makes the same inputs. */
export class Mutator {
  readonly #maxLength: number;
  readonly #words: readonly Uint8Array[];
  #state: number;

  constructor({ seed, maxLength, words }: MutatorOptions) {
    this.#state = seed >>> 0;
    this.#maxLength = maxLength;
    this.#words = words;
  }

  /** An integer from 0 to `limit` − 1; 0 for a limit of 0. Mulberry32. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** An input near this one, in memory of its own; parts of `other` may be in it. */
  next(input: Uint8Array, other: Uint8Array): Uint8Array {
    let bytes: Uint8Array = input.slice();
    for (let left = 1 << this.below(4); left > 0; left--) bytes = this.#changed(bytes, other);
    return bytes.length > this.#maxLength ? bytes.slice(0, this.#maxLength) : bytes;
  }

  #changed(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    const at = this.below(bytes.length + 1);
    const from = this.below(other.length + 1);
    const length = 1 + this.below(1 << this.below(7));
    switch (this.below(11)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << this.below(8);
        return bytes;
      case 1:
        if (at < bytes.length) bytes[at] = this.below(256);
        return bytes;
      case 2:
        return this.#withExtreme(bytes, at);
      case 3:
        return this.#withDigits(bytes, at);
      case 4:
        return spliced(bytes, at, length, new Uint8Array());
      case 5:
        return spliced(bytes, at, 0, bytes.slice(at, at + length));
      case 6:
        return spliced(bytes, at, 0, other.subarray(from, from + length));
      case 7:
        return spliced(bytes, at, length, other.subarray(from, from + length));
      case 8:
        return spliced(bytes, at, bytes.length, other.subarray(from));
      case 9:
        return spliced(bytes, at, 0, this.#word());
      default:
        return spliced(bytes, at, length, this.#word());
    }
  }

  #word(): Uint8Array {
    return this.#words[this.below(this.#words.length)] ?? Uint8Array.of(this.below(256));
  }

  /** An integer of one, two, four or eight bytes that is extreme, or one more or less. */
  #withExtreme(bytes: Uint8Array, at: number): Uint8Array {
    const length = LENGTHS[this.below(LENGTHS.length)]!;
    const number = BigInt(EXTREMES[this.below(EXTREMES.length)]! + this.below(3) - 1);
    const word = new DataView(new ArrayBuffer(8));
    word.setBigUint64(0, BigInt.asUintN(64, number));
    return spliced(bytes, at, length, new Uint8Array(word.buffer, 8 - length));
  }

  /** Another decimal number where there is one. */
  #withDigits(bytes: Uint8Array, at: number): Uint8Array {
    let from = at;
    while (from < bytes.length && !isDigit(bytes[from]!)) from++;
    let to = from;
    while (to < bytes.length && isDigit(bytes[to]!)) to++;
    const number = EXTREMES[this.below(EXTREMES.length)]! + this.below(3) - 1;
    return from === to ? bytes : spliced(bytes, from, to - from, new TextEncoder().encode(String(number)));
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, at + removed);
  const whole = new Uint8Array(bytes.length - (end - at) + added.length);
  whole.set(bytes.subarray(0, at));
  whole.set(added, at);
  whole.set(bytes.subarray(end), at + added.length);
  return whole;
}
