import { MEMORY_MS } from './state-log.js';

/** How many of the last lags are remembered. */
const REMEMBERED = 4;

/**
 * How much later than others a source brought its last states, in milliseconds. The smallest counts: accounts are shown
 * the same price at different moments, so a larger one may only be such a difference.
 */
export class Lags {
  #lastMs: number[] = [];
  /** When the last one was noted. */
  #notedAt = -Infinity;

  /** It has brought a state this much later than another source. */
  note(behindMs: number, at: number): void {
    if (this.#lastMs.push(behindMs) > REMEMBERED) this.#lastMs.shift();
    this.#notedAt = at;
  }

  /** Undefined: it has brought nothing after others. */
  get leastMs(): number | undefined {
    return this.#lastMs.length === 0 ? undefined : Math.min(...this.#lastMs);
  }

  /** As {@link leastMs}, if that was lately. */
  recentMs(at: number): number | undefined {
    return at - this.#notedAt > MEMORY_MS ? undefined : this.leastMs;
  }

  clear(): void {
    this.#lastMs = [];
  }
}
