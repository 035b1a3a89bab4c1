import type { Mode } from '@kite/protocol';

const RANK: Readonly<Record<Mode, number>> = { ltp: 0, quote: 1, full: 2 };

/** What a change of one share changes for all together. */
export interface UnionChange {
  /** Instruments that somebody wants now, and nobody did. */
  readonly begun: readonly number[];
  /** Instruments that nobody wants any more. */
  readonly ended: readonly number[];
}

/** What each part of a program wants, and the union of it: counted anew at each change, and slowly. */
export class Shares {
  /** Of every instrument that anybody wants, the highest mode that anybody wants. */
  readonly union = new Map<number, Mode>();
  readonly #shares = new Map<string, Map<number, Mode>>();

  /** What a part wants. */
  of(id: string): ReadonlyMap<number, Mode> {
    return this.#share(id);
  }

  /** A part wants these in this mode from now on; undefined: no longer. */
  change(id: string, tokens: Iterable<number>, mode: Mode | undefined): UnionChange {
    const share = this.#share(id);
    const begun: number[] = [];
    const ended: number[] = [];
    for (const token of tokens) {
      if (mode === undefined) share.delete(token);
      else share.set(token, mode);
      const highest = this.#highest(token);
      if (highest === undefined) {
        if (this.union.delete(token)) ended.push(token);
      } else {
        if (!this.union.has(token)) begun.push(token);
        this.union.set(token, highest);
      }
    }
    return { begun, ended };
  }

  #highest(token: number): Mode | undefined {
    let highest: Mode | undefined;
    for (const share of this.#shares.values()) {
      const mode = share.get(token);
      if (mode !== undefined && (highest === undefined || RANK[mode] > RANK[highest])) highest = mode;
    }
    return highest;
  }

  #share(id: string): Map<number, Mode> {
    const share = this.#shares.get(id) ?? new Map<number, Mode>();
    this.#shares.set(id, share);
    return share;
  }
}
