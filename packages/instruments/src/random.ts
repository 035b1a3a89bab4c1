/** A source of chance: a number from 0 up to, but not including, 1. */
export type RandomSource = () => number;

/** The engine's own. */
export const systemRandom: RandomSource = () => Math.random();
