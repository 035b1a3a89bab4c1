import { grown, NEWLINE } from './bytes.js';

/**
 * Cuts chunks of bytes into lines. A line is passed on as a range of bytes without its line break, valid only during
 * the call.
 */
export class LineReader {
  readonly #onLine: (bytes: Uint8Array, from: number, to: number) => void;
  /** The beginning of an unfinished line. */
  #rest = new Uint8Array(1024);
  #restLength = 0;

  constructor(onLine: (bytes: Uint8Array, from: number, to: number) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    if (this.#restLength > 0) {
      const end = bytes.indexOf(NEWLINE);
      this.#keep(bytes, 0, end < 0 ? bytes.length : end);
      if (end < 0) return;
      this.#finish();
      from = end + 1;
    }
    for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#onLine(bytes, from, end);
      from = end + 1;
    }
    this.#keep(bytes, from, bytes.length);
  }

  /** The last line, if it has no line break. Returns whether there was one. */
  end(): boolean {
    const hasRest = this.#restLength > 0;
    if (hasRest) this.#finish();
    return hasRest;
  }

  #finish(): void {
    const length = this.#restLength;
    this.#restLength = 0;
    this.#onLine(this.#rest, 0, length);
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#restLength + to - from;
    if (length > this.#rest.length) this.#rest = grown(this.#rest, length);
    this.#rest.set(bytes.subarray(from, to), this.#restLength);
    this.#restLength = length;
  }
}
