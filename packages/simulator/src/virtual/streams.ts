import { mix, SeededRandom } from '../random.js';

/** Who draws chance in a virtual day. Each draws from a stream of its own: what one draws changes nothing for the others. */
const STREAMS = {
  ties: 0x5eed_0001,
  client: 0x5eed_0002,
  link: 0x5eed_0003,
  worker: 0x5eed_0004,
  faults: 0x5eed_0005,
} as const;

/** The stream of one purpose; `index` where there are several of a kind. */
export function streamOf(seed: number, purpose: keyof typeof STREAMS, index = 0): SeededRandom {
  return new SeededRandom(seed, mix(STREAMS[purpose], index));
}
