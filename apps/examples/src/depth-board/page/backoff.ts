const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** The wait before this reconnect attempt (0, 1, …): exponential, half of it random. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}
