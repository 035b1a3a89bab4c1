import type { Beginning, Outage } from './connection-parts.js';

/** The outages of a connection's instruments: some have a beginning of their own. */
export class OwnOutages {
  readonly #outage: Outage;
  readonly #beginningOf: (token: number) => Beginning | undefined;
  /** One for all instruments with the same beginning: they share a gap. */
  readonly #others = new Map<Beginning, Outage>();

  /** @param outage of the connection */
  constructor(outage: Outage, beginningOf: (token: number) => Beginning | undefined) {
    this.#outage = outage;
    this.#beginningOf = beginningOf;
  }

  of(token: number): Outage {
    const beginning = this.#beginningOf(token);
    if (!beginning) return this.#outage;
    let outage = this.#others.get(beginning);
    if (!outage) this.#others.set(beginning, (outage = { ...this.#outage, ...beginning }));
    return outage;
  }

  /** That of the connection, and all others that were asked for. */
  get all(): readonly [Outage, ...Outage[]] {
    return [this.#outage, ...this.#others.values()];
  }
}
