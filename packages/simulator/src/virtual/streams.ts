import { mix, SeededRandom } from '../random.js';

/** The users of random numbers in a virtual day. Each has its own stream, so its draws do not affect the others. */
const STREAMS = {
  ties: 0x5eed_0001,
  client: 0x5eed_0002,
  link: 0x5eed_0003,
  worker: 0x5eed_0004,
  faults: 0x5eed_0005,
} as const;

/** The stream of one purpose; `index` tells several of a kind apart. */
export function streamOf(seed: number, purpose: keyof typeof STREAMS, index = 0): SeededRandom {
  return new SeededRandom(seed, mix(STREAMS[purpose], index));
}
