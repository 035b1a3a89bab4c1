import type { Gap } from '@kite/connection';

import { groupBy } from './group-by.js';

/**
 * What was lost, and is still: nothing came after `from`.
 *
 * @internal
 */
export type Loss = Pick<Gap, 'from' | 'reason'>;

/**
 * Since when instruments have not been streamed: each from the moment on in which whoever streamed it was lost, wherever it
 * has moved since, until somebody streams it again.
 *
 * @internal
 */
export class LossBook {
  readonly #losses = new Map<number, Loss>();

  /** What is lost. */
  get tokens(): Iterable<number> {
    return this.#losses.keys();
  }

  /** These are streamed no longer. One that was lost before stays lost since then. */
  add(tokens: Iterable<number>, loss: Loss): void {
    for (const token of tokens) if (!this.#losses.has(token)) this.#losses.set(token, loss);
  }

  /** Those of these instruments that are lost. */
  of(tokens: Iterable<number>): Map<number, Loss> {
    const losses = new Map<number, Loss>();
    for (const token of tokens) {
      const loss = this.#losses.get(token);
      if (loss) losses.set(token, loss);
    }
    return losses;
  }

  /** Takes out those of these instruments that are lost, together what was lost together. */
  take(tokens: Iterable<number>): Map<Loss, number[]> {
    const losses = this.of(tokens);
    this.forget(losses.keys());
    return groupBy(losses.keys(), (token) => losses.get(token)!);
  }

  /** These are streamed again, or wanted no more. */
  forget(tokens: Iterable<number>): void {
    for (const token of tokens) this.#losses.delete(token);
  }

  /** Forgets all losses. */
  clear(): void {
    this.#losses.clear();
  }
}
