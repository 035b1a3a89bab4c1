/** A source of randomness: a number from 0 up to, but not including, 1. */
export type RandomSource = () => number;

/** The engine's own. */
export const systemRandom: RandomSource = () => Math.random();
