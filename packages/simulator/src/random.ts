import { RandomStream, scramble } from '@kite/kit';

import { power } from './power.js';

/** Numbers from 0 (included) to 1 (excluded). */
export type RandomSource = () => number;

/** 32 well-mixed bits from two integers, so that each instrument and each purpose has its own stream. */
export function mix(a: number, b: number): number {
  return scramble(scramble(a | 0) + b);
}

/** The stream of a seed and a purpose, see {@link RandomStream}. */
export class SeededRandom extends RandomStream {
  constructor(seed: number, stream = 0) {
    super(mix(seed, stream));
  }

  /** An integer from 0 to `below` − 1. */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** Roughly normal, mean 0 and deviation 1, never beyond ±3.5: the sum of four uniform numbers. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * 1.7320508;
  }

  /** From 1 upwards, mostly small, at times very large (Pareto), like trade and order sizes. */
  heavyTail(shape: number, max: number): number {
    return Math.min(max, Math.floor(power(1 - this.next(), -1 / shape, 16)));
  }

  /** One element. */
  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)] as T;
  }
}
