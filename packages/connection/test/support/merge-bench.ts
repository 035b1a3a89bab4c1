import { ReplicaMerge } from '../../src/feed/replica-merge.js';

/** How long a state may wait. */
export const WAIT_MS = 1000;

/** What becomes of a state. */
export interface Outcome {
  readonly type: 'new' | 'too-late';
  readonly item: number;
}

/** A merge of numbered states, which tells what became of each with every call. */
export class MergeBench {
  readonly merge: ReplicaMerge<string, number>;
  #outcomes: Outcome[] = [];
  #at = 0;

  constructor(
    dated: 'second' | 'fraction' | 'never' = 'never',
    isSame: (a: number, b: number) => boolean = (a, b) => a === b,
  ) {
    this.merge = new ReplicaMerge<string, number>(
      {
        covers: isSame,
        timestampOf: (index) => {
          if (dated === 'second') return Math.floor(index / 3) * 1000;
          return dated === 'fraction' && !Number.isInteger(index) ? Math.floor(index) * 1000 : null;
        },
        volumeOf: () => undefined,
      },
      {
        fresh: (_, item) => this.#outcomes.push({ type: 'new', item }),
        tooLate: (_, item) => this.#outcomes.push({ type: 'too-late', item }),
      },
      WAIT_MS,
    );
  }

  do(act: (merge: ReplicaMerge<string, number>) => void): Outcome[] {
    act(this.merge);
    return this.#outcomes.splice(0);
  }

  join(...sources: string[]): Outcome[] {
    return this.do((merge) => {
      for (const source of sources) merge.join(source, this.#at);
    });
  }

  bring(source: string, item: number, at: number): Outcome[] {
    this.#at = at;
    return this.do((merge) => {
      merge.bring(source, item, undefined, at);
    });
  }

  stop(source: string): Outcome[] {
    return this.do((merge) => {
      merge.stop(source, this.#at);
    });
  }

  expire(now: number): Outcome[] {
    return this.do((merge) => {
      merge.expire(now);
    });
  }
}

/** A price is a whole number, and a quote of it has a fraction. */
export function showsPrice(a: number, b: number): boolean {
  return a === b || (Number.isInteger(b) && Math.floor(a) === b);
}

export function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function handedOn(outcomes: readonly Outcome[]): number[] {
  return outcomes.flatMap(({ type, item }) => (type === 'new' ? [item] : []));
}
