import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, FrameDecoder } from '@kite/protocol';
import { embed, frameOf, VECTOR_FRAME, VECTOR_TICKS, VECTORS } from '@kite/testkit';

import { decodeWithIssues } from '../support/arbitraries.js';

describe.each(VECTORS)('$name', ({ body, tick }) => {
  const frame = frameOf(body);

  test('decodes to what the exchange said, with no issue', () => {
    expect(decodeWithIssues(frame)).toStrictEqual({ ticks: [tick], issues: [] });
  });

  test('is encoded to the same bytes', () => {
    expect(encodeFrame([tick])).toEqual(frame);
  });

  test.each([1, 2, 3, 5, 7, 63, 4093])('decodes at byte offset %i of a larger buffer', (offset) => {
    const embedded = embed(frame, offset);
    expect(embedded.byteOffset).toBe(offset);
    expect(decodeFrame(embedded)).toStrictEqual([tick]);
    expect(new FrameDecoder().decode(embedded)).toStrictEqual([tick]);
  });

  test.each([1, 3, 8191])('decodes from a Node Buffer at byte offset %i', (offset) => {
    const node = embed(frame, offset, 'Buffer');
    expect(decodeFrame(node)).toStrictEqual([tick]);
    expect(new FrameDecoder().decode(node)).toStrictEqual([tick]);
  });

  test('cut at any length gives no tick, and says where the frame ends', () => {
    for (let length = 2; length < frame.length; length++) {
      const { ticks, issues } = decodeWithIssues(frame.subarray(0, length));
      expect(ticks).toEqual([]);
      expect(issues).toEqual([
        {
          kind: 'truncated',
          offset: 2,
          packetIndex: 0,
          packetCount: 1,
          needed: length < 4 ? 2 : 2 + body.length,
          available: length - 2,
        },
      ]);
    }
  });
});

describe('all the vectors in one frame', () => {
  test('decode in the order of the frame', () => {
    expect(decodeWithIssues(VECTOR_FRAME)).toStrictEqual({ ticks: VECTOR_TICKS, issues: [] });
  });

  test('cut at every length, yield the whole packets before the cut and one issue', () => {
    const ends: number[] = [];
    let end = 2;
    for (const { body } of VECTORS) ends.push((end += 2 + body.length));

    for (let length = 2; length < VECTOR_FRAME.length; length++) {
      const { ticks, issues } = decodeWithIssues(VECTOR_FRAME.subarray(0, length));
      const whole = ends.filter((packetEnd) => packetEnd <= length).length;
      expect(ticks).toStrictEqual(VECTOR_TICKS.slice(0, whole));
      expect(issues).toEqual([
        expect.objectContaining({
          kind: 'truncated',
          packetIndex: whole,
          packetCount: VECTORS.length,
          offset: whole === 0 ? 2 : ends[whole - 1],
        }),
      ]);
    }
  });
});
