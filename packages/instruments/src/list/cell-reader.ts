import { COMMA, grown, QUOTE } from './bytes.js';

/** What is wrong with a line, whatever its columns are. */
export type LineFlaw = 'a quoted cell does not end' | 'text follows a quoted cell';

/**
 * The cells of one line. A cell that begins with a quote ends at the next lone quote; two quotes stand for one. Anywhere
 * else a quote is an ordinary character. A cell never holds a line break, so a stray quote costs only one line.
 */
export class CellReader {
  /** The bytes that the ranges refer to. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where each cell begins. */
  readonly starts: Int32Array;
  /** Where each cell ends. */
  readonly ends: Int32Array;
  /** Cells in the line; more than the ranges if the line has too many. */
  count = 0;
  #unescaped = new Uint8Array(256);

  /** @param most the number of ranges */
  constructor(most: number) {
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
  }

  /** Reads a line; returns what is wrong with it. */
  read(bytes: Uint8Array, from: number, to: number): LineFlaw | undefined {
    const { starts, ends } = this;
    const most = starts.length;
    let count = 0;
    let hasEscapes = false;
    let at = from;
    for (;;) {
      let start = at;
      let end: number;
      if (at < to && bytes[at] === QUOTE) {
        start = ++at;
        for (;;) {
          while (at < to && bytes[at] !== QUOTE) at++;
          if (at >= to) return 'a quoted cell does not end';
          if (at + 1 >= to || bytes[at + 1] !== QUOTE) break;
          hasEscapes = true;
          at += 2;
        }
        end = at++;
        if (at < to && bytes[at] !== COMMA) return 'text follows a quoted cell';
      } else {
        while (at < to && bytes[at] !== COMMA) at++;
        end = at;
      }
      if (count < most) {
        starts[count] = start;
        ends[count] = end;
      }
      count++;
      if (at >= to) break;
      at++;
    }
    this.bytes = bytes;
    this.count = count;
    if (hasEscapes) this.#unescape(from, to);
    return undefined;
  }

  /** Copies the line's cells to separate memory, each pair of quotes in a quoted cell as one. */
  #unescape(from: number, to: number): void {
    if (to - from > this.#unescaped.length) this.#unescaped = grown(this.#unescaped, to - from);
    const { bytes, starts, ends } = this;
    const target = this.#unescaped;
    let length = 0;
    for (let cell = 0; cell < Math.min(this.count, starts.length); cell++) {
      const start = starts[cell]!;
      const end = ends[cell]!;
      const isQuoted = start > from && bytes[start - 1] === QUOTE;
      starts[cell] = length;
      for (let at = start; at < end; at++) {
        if (isQuoted && bytes[at] === QUOTE) at++;
        target[length++] = bytes[at]!;
      }
      ends[cell] = length;
    }
    this.bytes = target;
  }
}
