import { FACTS, type Row } from './facts.js';

/** Collects the results of facts; a fact without a result has failed. */
export class Judge {
  readonly #results = new Map<number, { passed: boolean; why: string }>();

  /**
   * A fact that is noted several times has passed if it did each time.
   *
   * @param why what was seen instead, if it did not pass
   */
  note(id: number, passed: boolean, why = 'it did not happen'): void {
    if (this.#results.get(id)?.passed === false) return;
    this.#results.set(id, { passed, why: passed ? '' : why });
  }

  /** @param flaw what is wrong; undefined: it passed */
  noteFlaw(id: number, flaw: string | undefined): void {
    this.note(id, flaw === undefined, flaw);
  }

  /** Every fact, in order. */
  get rows(): Row[] {
    return FACTS.map((fact) => ({
      ...fact,
      ...(this.#results.get(fact.id) ?? { passed: false, why: 'the client did not come so far' }),
    }));
  }
}
