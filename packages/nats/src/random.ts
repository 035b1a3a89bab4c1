/** The engine's own source of chance: a number from 0 up to, but not including, 1. */
export const systemRandom = (): number => Math.random();
