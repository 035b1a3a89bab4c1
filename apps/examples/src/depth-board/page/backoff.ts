const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** How long to wait before this attempt (0, 1, …) at connecting again: exponential, with half of it left to chance. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}
