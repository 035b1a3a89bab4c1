import { beforeAll, describe, expect, test } from 'vitest';

import { inBundledChild } from '../support/bundled-child.js';

describe('what the code itself allocates for a tick, in a process without an optimiser', () => {
  let bytes: Record<string, number>;
  beforeAll(async () => {
    bytes = await inBundledChild('objects', ['--jitless', '--no-expose-wasm', '--expose-gc']);
  });

  test('a cursor makes no object: not for a frame, not for a packet of any kind, not for any field', () => {
    expect(bytes['FrameCursor, nothing read']).toBe(0);
    expect(bytes['FrameCursor, every field']).toBe(0);
  });

  test('columns make no object while the rows fit, for packets of any kind', () => {
    expect(bytes['TickColumns']).toBe(0);
  });

  test('a lazy tick makes no object when its fields and levels are read, `ohlc` and `depth` aside', () => {
    expect(bytes['LazyDecoder, every field']).toBe(bytes['LazyDecoder, nothing read']);
  });

  test('a lazy tick takes less than a plain one, and both are seen: objects would be counted', () => {
    expect(bytes['LazyDecoder, nothing read']).toBeGreaterThan(0);
    expect(bytes['FrameDecoder']).toBeGreaterThan(bytes['LazyDecoder, nothing read']!);
  });
});
