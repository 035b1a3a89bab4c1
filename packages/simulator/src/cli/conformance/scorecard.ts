import type { Row } from './facts.js';

/** The results of all facts. */
export class Scorecard {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  /** Whether every required fact passed. */
  get passed(): boolean {
    return this.#rows.every(({ required, passed }) => passed || !required);
  }

  /** A line for each fact, and how many passed. */
  get text(): string {
    const lines = this.#rows.map(({ id, title, required, passed, why }) => {
      const verdict = passed ? 'ok    ' : required ? 'FAILED' : 'no    ';
      return `${String(id).padStart(2)} ${verdict} ${title}${required ? '' : ' (not required)'}${why && `: ${why}`}`;
    });
    return [...lines, this.#summary()].join('\n');
  }

  /** For programs. */
  get json(): string {
    return JSON.stringify({ passed: this.passed, rows: this.#rows });
  }

  #summary(): string {
    const count = (required: boolean) => {
      const of = this.#rows.filter((row) => row.required === required);
      return `${of.filter(({ passed }) => passed).length} of ${of.length}`;
    };
    return `${count(true)} required, ${count(false)} others`;
  }
}
