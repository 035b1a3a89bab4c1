import type { Outage } from './connection-parts.js';

/** Maps each instrument to its outage. A second outage does not replace the first. */
export class OutageLedger {
  readonly #outages = new Map<number, Outage>();

  /** The instruments that are out. */
  get tokens(): Iterable<number> {
    return this.#outages.keys();
  }

  add(tokens: Iterable<number>, outage: Outage): void {
    for (const token of tokens) {
      const before = this.#outages.get(token);
      if (!before || outage.from < before.from) this.#outages.set(token, outage);
    }
  }

  /** These outages turned out to be others. */
  replace(before: readonly Outage[], after: (token: number) => Outage): void {
    for (const [token, outage] of this.#outages)
      if (before.includes(outage)) this.#outages.set(token, after(token));
  }

  /** The outages of these instruments, as far as they have one. */
  of(tokens: Iterable<number>): Map<number, Outage> {
    const outages = new Map<number, Outage>();
    for (const token of tokens) {
      const outage = this.#outages.get(token);
      if (outage) outages.set(token, outage);
    }
    return outages;
  }

  /** {@link of}, and ends these outages. */
  take(tokens: Iterable<number>): Map<number, Outage> {
    const outages = this.of(tokens);
    this.forget(outages.keys());
    return outages;
  }

  /** These are streamed again, or no longer wanted. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#outages.delete(token);
  }

  clear(): void {
    this.#outages.clear();
  }
}
