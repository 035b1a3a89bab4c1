import type { SeededRandom } from '../random.js';
import { quantized } from './virtual-time.js';

/** How long messages are under way. */
export interface NetworkOptions {
  /** The least delay of a message, in ms. Default 4. */
  readonly minDelayMs?: number | undefined;
  /** The average extra delay, in ms: mostly less, now and then much more. Default 2. */
  readonly meanExtraDelayMs?: number | undefined;
}

/** With both given. */
export interface Delays extends NetworkOptions {
  readonly minDelayMs: number;
  readonly meanExtraDelayMs: number;
}

export const DEFAULT_NETWORK: Delays = { minDelayMs: 4, meanExtraDelayMs: 2 };

/** These delays, and `otherwise` where one is not given. */
export function delaysOf(
  { minDelayMs, meanExtraDelayMs }: NetworkOptions = {},
  otherwise = DEFAULT_NETWORK,
): Delays {
  return {
    minDelayMs: minDelayMs ?? otherwise.minDelayMs,
    meanExtraDelayMs: meanExtraDelayMs ?? otherwise.meanExtraDelayMs,
  };
}

/** The most halvings drawn: caps an extra delay. */
const MOST_HALVINGS = 16;

/**
 * Draws a message's delay: the least, plus an exponential one. The exponential is drawn by halves: one coin decides
 * whether it exceeds the median, the next whether it exceeds twice that, and so on. This needs no logarithm, so it is
 * the same in every engine.
 */
export function drawDelay(random: SeededRandom, { minDelayMs, meanExtraDelayMs }: Delays) {
  if (meanExtraDelayMs === 0) return minDelayMs;
  let halvings = 0;
  while (halvings < MOST_HALVINGS && random.next() < 0.5) halvings++;
  // The halvings average 1, the rest ½.
  return quantized(minDelayMs + (meanExtraDelayMs * (halvings + random.next())) / 1.5);
}
