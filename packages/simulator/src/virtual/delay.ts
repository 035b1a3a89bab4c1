import type { SeededRandom } from '../random.js';
import { quantized } from './virtual-time.js';

/** How long messages are under way. */
export interface NetworkOptions {
  /** No message takes less, in ms. Default 4. */
  readonly minDelayMs?: number;
  /** What comes on top of that, on average, in ms: mostly less, now and then much more. Default 2. */
  readonly meanExtraDelayMs?: number;
}

export const DEFAULT_NETWORK: Required<NetworkOptions> = { minDelayMs: 4, meanExtraDelayMs: 2 };

/** Halvings that are drawn at most: beyond, an extra delay has its greatest length. */
const MOST_HALVINGS = 16;

/**
 * Draws a message's delay: the least, and an exponential one on top. The exponential is drawn by halves: a coin decides
 * whether it is longer than the median, another whether it is longer than twice that, and so on. So it needs no
 * logarithm, and is the same in every engine.
 */
export function drawDelay(random: SeededRandom, { minDelayMs, meanExtraDelayMs }: Required<NetworkOptions>) {
  if (meanExtraDelayMs === 0) return minDelayMs;
  let halvings = 0;
  while (halvings < MOST_HALVINGS && random.next() < 0.5) halvings++;
  // The mean of halvings is 1, that of the rest ½.
  return quantized(minDelayMs + (meanExtraDelayMs * (halvings + random.next())) / 1.5);
}
