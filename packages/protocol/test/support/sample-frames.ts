import fc from 'fast-check';
import { frameOf, VECTOR_FRAME } from '@kite/testkit';

import { alienBody, anyBody } from './arbitraries.js';

/** The same frames in every run: the real packets, a heartbeat, nothing, mixtures, garbage. */
export function sampleFrames(): number[][] {
  const mixed = fc.array(fc.oneof(anyBody, alienBody), { maxLength: 12 }).map((bodies) => frameOf(...bodies));
  return [
    VECTOR_FRAME,
    Uint8Array.of(0),
    new Uint8Array(),
    ...fc.sample(mixed, { numRuns: 40, seed: 1 }),
    ...fc.sample(fc.uint8Array({ maxLength: 80 }), { numRuns: 40, seed: 2 }),
  ].map((frame) => Array.from(frame));
}
