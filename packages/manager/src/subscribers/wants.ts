import type { Mode } from '@kite/protocol';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];
const DOWNWARDS: readonly Mode[] = ['full', 'quote', 'ltp'];

/** Counts how many want an instrument in each mode: while any do, it is streamed in the highest of these modes. */
export class Wants {
  /** By instrument, how many want it in each mode. */
  readonly #counts = new Map<number, number[]>();

  /** The highest mode that is wanted; undefined: the instrument is not wanted. */
  modeOf(token: number): Mode | undefined {
    const counts = this.#counts.get(token);
    return counts && DOWNWARDS.find((mode) => counts[MODES.indexOf(mode)]! > 0);
  }

  /** Counts one more in this mode. */
  add(token: number, mode: Mode): void {
    const counts = this.#counts.get(token) ?? [0, 0, 0];
    counts[MODES.indexOf(mode)]!++;
    this.#counts.set(token, counts);
  }

  /** Counts one less in this mode. */
  remove(token: number, mode: Mode): void {
    const counts = this.#counts.get(token)!;
    counts[MODES.indexOf(mode)]!--;
    if (counts.every((count) => count === 0)) this.#counts.delete(token);
  }
}
