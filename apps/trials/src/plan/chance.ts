import { RandomStream, scramble } from '@kite/kit';

/** A seeded stream of chance. Each purpose has a stream of its own, so that a change of one draw leaves the others as they were. */
export class Chance extends RandomStream {
  constructor(seed: number, purpose: string) {
    let state = seed | 0;
    for (const character of purpose) state = scramble(state + character.charCodeAt(0) + 0x9e37_79b9);
    super(state);
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of these. */
  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)]!;
  }

  /** So many different ones of these, in their order. */
  some<T>(count: number, from: readonly T[]): T[] {
    const left = [...from.keys()];
    const chosen = new Set<number>();
    while (chosen.size < Math.min(count, from.length))
      chosen.add(...(left.splice(this.integer(0, left.length - 1), 1) as [number]));
    return [...chosen].sort((a, b) => a - b).map((index) => from[index]!);
  }
}
