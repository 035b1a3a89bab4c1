import { describe, expect, test } from 'vitest';
import type { AllocationJob } from '../src/decode/allocation.js';
import { inBundledChild } from './support/bundled-child.js';

/** Without `size` ten packets a frame; each bound is what was counted, and a margin for the array and what a process adds. */
const BOUNDS: readonly (Omit<AllocationJob, 'size' | 'shape'> & Partial<AllocationJob>)[] = [
  { variant: 'decodeFrame', reading: 'heavy', atMostBytes: 1300 },
  { variant: 'FrameDecoder', reading: 'heavy', atMostBytes: 1300 },
  { variant: 'FrameDecoder', reading: 'heavy', shape: 'quote', atMostBytes: 380 },
  { variant: 'FrameDecoder', reading: 'heavy', shape: 'ltp', atMostBytes: 110 },
  { variant: 'LazyDecoder', reading: 'light', atMostBytes: 120 },
  { variant: 'LazyDecoder, by level', reading: 'heavy', atMostBytes: 300 },
  { variant: 'FrameCursor', reading: 'light', atMostBytes: 0 },
  { variant: 'FrameCursor', reading: 'light', size: 1, atMostBytes: 0 },
  { variant: 'FrameCursor', reading: 'heavy', atMostBytes: 16 },
  { variant: 'TickColumns', reading: 'light', atMostBytes: 0 },
  { variant: 'TickColumns', reading: 'heavy', atMostBytes: 0 },
];

describe('a tick takes no more of the heap than is documented', () => {
  test.each(BOUNDS)(
    '$variant, $reading reading: at most $atMostBytes bytes',
    async (bound) => {
      const job = { shape: 'full', size: 10, ...bound } satisfies AllocationJob;
      expect(await inBundledChild<number>('allocation', job)).toBeLessThanOrEqual(bound.atMostBytes);
    },
    60_000,
  );
});
