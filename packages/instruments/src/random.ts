/** Gives random numbers from 0 (included) to 1 (excluded). */
export type RandomSource = () => number;

/** The engine's own. */
export const systemRandom: RandomSource = () => Math.random();
