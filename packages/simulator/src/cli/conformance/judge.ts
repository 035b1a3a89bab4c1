import { FACTS, type Row } from './facts.js';

/** Collects how facts come out; what nobody has judged has failed. */
export class Judge {
  readonly #results = new Map<number, { passed: boolean; why: string }>();

  /** @param why what was seen instead, where it did not pass; true and no text: it passed */
  note(id: number, passed: boolean, why = 'it did not happen'): void {
    this.#results.set(id, { passed, why: passed ? '' : why });
  }

  /** What is undefined passed; text says what is wrong. */
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
