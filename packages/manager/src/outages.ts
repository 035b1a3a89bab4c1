import { groupBy } from '@kite/kit';
import type { Gap } from '@kite/protocol';

/** An outage: nothing has come since `from`, because of `reason`. */
export type Outage = Pick<Gap, 'from' | 'reason'>;

/**
 * Maps each instrument to the start of its outage. The outage stays the same wherever the instrument moves, until some
 * connection streams it again.
 */
export class Outages {
  readonly #outages = new Map<number, Outage>();

  /** What is lost. */
  get tokens(): Iterable<number> {
    return this.#outages.keys();
  }

  /** These are streamed no longer. One that was lost before stays lost since then. */
  add(tokens: Iterable<number>, outage: Outage): void {
    for (const token of tokens) if (!this.#outages.has(token)) this.#outages.set(token, outage);
  }

  /** Those of these instruments that are lost. */
  of(tokens: Iterable<number>): Map<number, Outage> {
    const outages = new Map<number, Outage>();
    for (const token of tokens) {
      const outage = this.#outages.get(token);
      if (outage) outages.set(token, outage);
    }
    return outages;
  }

  /** Takes out those of these instruments that are lost, together what was lost together. */
  take(tokens: Iterable<number>): Map<Outage, number[]> {
    const outages = this.of(tokens);
    this.forget(outages.keys());
    return groupBy(outages.keys(), (token) => outages.get(token)!);
  }

  /** These are streamed again, or wanted no more. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#outages.delete(token);
  }

  /** Forgets all outages. */
  clear(): void {
    this.#outages.clear();
  }
}
