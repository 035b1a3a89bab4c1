import type { Mode } from '@kite/protocol';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];
const DOWNWARDS: readonly Mode[] = ['full', 'quote', 'ltp'];

/** Counts who wants an instrument in which mode: it is streamed in the highest of them while anybody wants it. */
export class Wants {
  /** By instrument, how many want it in each mode. */
  readonly #counts = new Map<number, number[]>();

  /** The highest mode that anybody wants; undefined: nobody wants it. */
  modeOf(token: number): Mode | undefined {
    const counts = this.#counts.get(token);
    return counts && DOWNWARDS.find((mode) => counts[MODES.indexOf(mode)]! > 0);
  }

  /** One more wants it in this mode. */
  add(token: number, mode: Mode): void {
    const counts = this.#counts.get(token) ?? [0, 0, 0];
    counts[MODES.indexOf(mode)]!++;
    this.#counts.set(token, counts);
  }

  /** One of those who want it in this mode does not any more. */
  remove(token: number, mode: Mode): void {
    const counts = this.#counts.get(token)!;
    counts[MODES.indexOf(mode)]!--;
    if (counts.every((count) => count === 0)) this.#counts.delete(token);
  }
}
