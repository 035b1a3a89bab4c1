import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type FrameIssue } from '@kite/protocol';
import { asTickRaw, packets } from '@kite/raw';
import { embed, FRAME_OF_EACH_KIND, TICKS_OF_EACH_KIND } from '@kite/testkit';

import { alienBody, anyFrame, anyOffset, packetBody } from '../support/arbitraries.js';

describe('packets', () => {
  test('gives back every body, those of unknown length included, at any offset', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(packetBody, alienBody)),
        anyOffset,
        fc.constantFrom('Buffer', 'Uint8Array'),
        (bodies, offset, as) => {
          const walked = [...packets(embed(encodeFrame(bodies), offset, as))];
          expect(walked.map((body) => Array.from(body))).toEqual(bodies.map((body) => Array.from(body)));
        },
      ),
    );
  });

  test('has the boundaries of decodeFrame on any bytes: encoding what it gives decodes to the same ticks', () => {
    fc.assert(
      fc.property(anyFrame, anyOffset, (frame, offset) => {
        expect(decodeFrame(encodeFrame(packets(embed(frame, offset))))).toEqual(decodeFrame(frame));
      }),
    );
  });

  test('cut at every length, yields the whole packets before the cut', () => {
    for (let cut = 0; cut <= FRAME_OF_EACH_KIND.length; cut++) {
      const whole = [...packets(embed(FRAME_OF_EACH_KIND.subarray(0, cut), 1))];
      expect(decodeFrame(encodeFrame(whole))).toEqual(decodeFrame(FRAME_OF_EACH_KIND.subarray(0, cut)));
    }
    expect([...packets(FRAME_OF_EACH_KIND)]).toHaveLength(TICKS_OF_EACH_KIND.length);
  });

  test('reports truncation and trailing bytes, and not what it yields', () => {
    const report = (frame: Uint8Array) => {
      const issues: FrameIssue[] = [];
      Array.from(packets(frame, { onIssue: (issue) => issues.push(issue) }));
      return issues.map(({ kind }) => kind);
    };
    expect(report(FRAME_OF_EACH_KIND.subarray(0, -1))).toEqual(['truncated']);
    expect(report(Uint8Array.of(...FRAME_OF_EACH_KIND, 0))).toEqual(['trailing-bytes']);
    expect(report(encodeFrame([new Uint8Array(3)]))).toEqual([]);
    expect(report(Uint8Array.of(0))).toEqual([]);
  });

  test('yields views: bodies of the frame before stay as they are when the next one is read', () => {
    const first = embed(FRAME_OF_EACH_KIND, 3);
    const kept = [...packets(first)];
    const before = kept.map((body) => Array.from(body));
    for (const body of packets(embed(FRAME_OF_EACH_KIND, 5))) body.fill(0);
    expect(kept.map((body) => Array.from(body))).toEqual(before);
    expect(kept.every((body) => body.buffer === first.buffer)).toBe(true);
  });

  test("the seed's loop runs: raw frames, their full packets, a field of each", () => {
    const printed: string[] = [];
    for (const body of packets(FRAME_OF_EACH_KIND)) {
      const view = asTickRaw(body);
      if (view)
        printed.push(`${view.header.instrumentToken} ${view.header.lastPrice} ${view.depth.buy[0].qty}`);
    }
    expect(printed).toEqual(['408065 1573.7 5']);
  });
});
