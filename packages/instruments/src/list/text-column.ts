import { textDecoder } from '../runtime.js';
import { grown } from './bytes.js';

/** A column of texts that differ from row to row: one long text, and the end of each row's text in it. */
export class TextColumn {
  #bytes = new Uint8Array(16_384);
  #ends = new Uint32Array(1024);
  #rows = 0;
  #text = '';
  #isAscii = true;

  /** All texts, one after the other. Empty before {@link finish}. */
  get text(): string {
    return this.#text;
  }

  /** The start of a row's text in {@link text}. */
  start(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!;
  }

  /** The end of a row's text in {@link text}. */
  end(row: number): number {
    return this.#ends[row]!;
  }

  /** The text of a row. */
  at(row: number): string {
    return this.#text.slice(this.start(row), this.#ends[row]);
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    if (this.#rows === this.#ends.length) this.#ends = grown(this.#ends, 0);
    let at = this.start(this.#rows);
    const end = at + to - from;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end);
    const own = this.#bytes;
    let seen = 0;
    for (let next = from; next < to; next++) {
      const byte = bytes[next]!;
      seen |= byte;
      own[at++] = byte;
    }
    if (seen > 0x7f) this.#isAscii = false;
    this.#ends[this.#rows++] = end;
  }

  /** Decodes the bytes to text; no row can be added afterwards. */
  finish(): void {
    const decoder = textDecoder();
    this.#ends = this.#ends.slice(0, this.#rows);
    if (this.#isAscii) this.#text = decoder.decode(this.#bytes.subarray(0, this.start(this.#rows)));
    else {
      // Byte and character offsets differ.
      const texts: string[] = [];
      let start = 0;
      let length = 0;
      for (let row = 0; row < this.#rows; row++) {
        const end = this.#ends[row]!;
        const text = decoder.decode(this.#bytes.subarray(start, end));
        texts.push(text);
        start = end;
        length += text.length;
        this.#ends[row] = length;
      }
      this.#text = texts.join('');
    }
    this.#bytes = new Uint8Array(0);
  }
}
