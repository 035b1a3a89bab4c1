import type { Failure } from '../oracle/failure.js';
import type { Plan } from '../plan/plan.js';
import { lengthOf, type ListName, reduced, type Reduction } from '../plan/reduction.js';
import { runTrial } from './run-trial.js';

/** The most trials that one plan is shrunk with. */
const MOST_TRIES = 400;

/** What is taken away first: the cheapest tries come last. */
const ORDER: readonly ListName[] = ['faults', 'consumers', 'instruments', 'actions'];

/** Idle stretches are cut to the first of these that leaves the breach. */
const IDLE_MS = [1000, 5000, 20_000, 60_000];

/** What comes after a breach is cut but for this much. */
const AFTER_MS = 1000;

/**
 * Takes away halves, then quarters, and so on, of everything in a plan, as long as it still breaks the same rule for the same
 * kind of consumer.
 *
 * @param from what was left out before
 * @param onTry told of each try: what it leaves
 */
export function shrink(
  plan: Plan,
  failure: Failure,
  from: Reduction = {},
  onTry: (left: Plan) => void = () => undefined,
): Promise<Reduction> {
  return new Shrinking(plan, failure, from, onTry).run();
}

/** A breach of a plan, as it is told from others: its rule, and how the consumer reads that it was found with. */
export function kindOf(plan: Plan, { rule, consumer }: Failure): string {
  const reader = plan.consumers.find(({ id }) => id === consumer);
  return reader ? `${rule}, ${reader.kind}, ${reader.overflow ?? 'everything'}` : rule;
}

class Shrinking {
  readonly #plan: Plan;
  readonly #kind: string;
  readonly #onTry: (left: Plan) => void;
  #best: Reduction;
  /** When the rule is broken, in the time of the plan as it was drawn; undefined: at its end. */
  #brokenAt: number;
  #tries = 0;

  constructor(plan: Plan, failure: Failure, from: Reduction, onTry: (left: Plan) => void) {
    this.#plan = plan;
    this.#kind = kindOf(plan, failure);
    this.#onTry = onTry;
    // Idle time is cut last: until then times are those of the plan as it was drawn.
    const { idleMs: _, ...rest } = from;
    this.#best = rest;
    this.#brokenAt = failure.at;
  }

  async run(): Promise<Reduction> {
    await this.#shorten();
    for (let isSmaller = true; isSmaller && this.#tries < MOST_TRIES;) {
      isSmaller = false;
      for (const list of ORDER) isSmaller = (await this.#thin(list)) || isSmaller;
      isSmaller = (await this.#shorten()) || isSmaller;
    }
    for (const idleMs of IDLE_MS) if (await this.#try({ idleMs })) break;
    return this.#best;
  }

  /** Leaves out what comes after the breach, or half of the time where it is told at the end. */
  async #shorten(): Promise<boolean> {
    const before = this.#best.lengthMs ?? this.#plan.lengthMs;
    const lengthMs = Math.ceil(this.#brokenAt) + AFTER_MS;
    if (lengthMs < before && (await this.#try({ lengthMs }))) return true;
    const { faults, actions } = reduced(this.#plan, this.#best);
    const last = Math.max(0, ...faults.faults.map(({ at }) => at), ...actions.map(({ at }) => at));
    for (const shorter of [last + AFTER_MS, last + 30_000, Math.ceil((last + before) / 2)])
      if (shorter < before - AFTER_MS && (await this.#try({ lengthMs: shorter }))) return true;
    return false;
  }

  async #thin(list: ListName): Promise<boolean> {
    let kept = this.#best[list] ?? Array.from({ length: lengthOf(this.#plan, list) }, (_, index) => index);
    const before = kept.length;
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < kept.length;) {
        const without = [...kept.slice(0, from), ...kept.slice(from + size)];
        if (await this.#try({ [list]: without })) kept = without;
        else from += size;
      }
    }
    return kept.length < before;
  }

  async #try(change: Reduction): Promise<boolean> {
    if (this.#tries++ >= MOST_TRIES) return false;
    const reduction = { ...this.#best, ...change };
    const left = reduced(this.#plan, reduction);
    this.#onTry(left);
    const { failures } = await runTrial(left);
    const same = failures.find((failure) => kindOf(left, failure) === this.#kind);
    if (!same) return false;
    this.#best = reduction;
    this.#brokenAt = same.at;
    return true;
  }
}
