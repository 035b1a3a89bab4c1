import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeDepth,
  decodeFrame,
  decodePacket,
  encodeFrame,
  type FrameIssue,
  FrameWalker,
  type Tick,
} from '@kite/protocol';
import { embed, frameOf, ltpBody, VECTOR_FRAME, VECTOR_TICKS, VECTORS } from '@kite/testkit';

import type { KnownLength } from '../../src/packet.js';
import { alienBody, anyBody } from '../support/arbitraries.js';

/** What the walker stops at, copied, until it says that there is no more. */
function walk(walker: FrameWalker, frame: Uint8Array) {
  const stops: { body: Uint8Array; instrumentToken: number; divisor: number }[] = [];
  walker.reset(frame);
  while (walker.next()) {
    const { view, offset, length, instrumentToken, divisor } = walker;
    const body = new Uint8Array(view.buffer, offset, length).slice();
    stops.push({ body, instrumentToken, divisor });
  }
  return stops;
}

const frames = fc.oneof(
  fc.array(fc.oneof(anyBody, alienBody), { maxLength: 8 }).map((bodies) => frameOf(...bodies)),
  fc.uint8Array({ maxLength: 100 }),
);

describe('a FrameWalker', () => {
  test('stops at each packet of a frame, in order, at any byte offset', () => {
    for (const offset of [0, 1, 7]) {
      const stops = walk(new FrameWalker(), embed(VECTOR_FRAME, offset));
      expect(stops.map(({ body }) => body)).toEqual(VECTORS.map(({ body }) => body));
      expect(stops.map(({ instrumentToken }) => instrumentToken)).toEqual(
        VECTORS.map(({ tick }) => tick.instrumentToken),
      );
    }
  });

  test('agrees with decodeFrame about every frame: its packets, its issues, its divisors', () => {
    const walked: FrameIssue[] = [];
    const walker = new FrameWalker({ onIssue: (issue) => walked.push(issue) });
    fc.assert(
      fc.property(frames, fc.nat(9), (bytes, offset) => {
        walked.length = 0;
        const frame = embed(bytes, offset);
        const stops = walk(walker, frame);
        const issues: FrameIssue[] = [];
        const ticks = decodeFrame(frame, { onIssue: (issue) => issues.push(issue) });
        expect(walked).toEqual(issues);
        expect(decodeFrame(encodeFrame(stops.map(({ body }) => body)))).toStrictEqual(ticks);
        expect(stops.map(({ body, divisor }) => new DataView(body.buffer).getInt32(4) / divisor)).toEqual(
          ticks.map(({ lastPrice }) => lastPrice),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('stops at packets of unknown length where it is told to, and then does not report them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyBody, alienBody), { maxLength: 8 }), (bodies) => {
        const issues: FrameIssue[] = [];
        const walker = new FrameWalker({ unknownLengths: true, onIssue: (issue) => issues.push(issue) });
        expect(walk(walker, frameOf(...bodies)).map(({ body }) => body)).toEqual(bodies);
        expect(issues.filter(({ kind }) => kind === 'unknown-length')).toEqual([]);
      }),
    );
  });

  test('stays at the end, reports once, and begins anew with the next frame', () => {
    const issues: FrameIssue[] = [];
    const walker = new FrameWalker({ onIssue: (issue) => issues.push(issue) });
    const frame = Uint8Array.from([...frameOf(ltpBody({ token: 408065, last: 1 })), 9]);
    expect(walk(walker, frame)).toHaveLength(1);
    expect([walker.next(), walker.next()]).toEqual([false, false]);
    expect(walker.length).toBe(0);
    expect(issues).toEqual([{ kind: 'trailing-bytes', offset: 12, length: 1 }]);
    expect(walk(walker, frame)).toHaveLength(1);
    expect(issues).toHaveLength(2);
  });

  test('has nothing to walk over before a frame, in a heartbeat and in an empty frame', () => {
    const walker = new FrameWalker();
    expect(walker.next()).toBe(false);
    expect(walk(walker, Uint8Array.of(0))).toEqual([]);
    expect(walk(walker, new Uint8Array())).toEqual([]);
    expect(walk(walker, Uint8Array.of(0, 0))).toEqual([]);
  });

  test('gives what decodePacket and decodeDepth need to make the very ticks of decodeFrame', () => {
    const walker = new FrameWalker().reset(embed(VECTOR_FRAME, 3));
    const ticks: Tick[] = [];
    while (walker.next()) {
      const { view, offset, length, instrumentToken, divisor } = walker;
      const tick = decodePacket(view, offset, length as KnownLength, instrumentToken, divisor);
      if (tick.mode === 'full' && tick.tradable)
        expect(decodeDepth(view, offset, divisor)).toStrictEqual(tick.depth);
      ticks.push(tick);
    }
    expect(ticks).toStrictEqual(VECTOR_TICKS);
  });

  test('finds nothing in an array whose buffer was transferred away, and says so', () => {
    const issues: FrameIssue[] = [];
    const walker = new FrameWalker({ onIssue: (issue) => issues.push(issue) });
    const frame = frameOf(ltpBody({ token: 1, last: 1 }));
    structuredClone(frame.buffer, { transfer: [frame.buffer] });
    expect(walk(walker, frame)).toEqual([]);
    expect(issues).toMatchObject([{ kind: 'truncated', available: 0 }]);
    expect(walk(walker, VECTOR_FRAME)).toHaveLength(VECTORS.length);
  });

  test('refuses what is no byte array', () => {
    for (const wrong of [null, 'text', new ArrayBuffer(2)])
      expect(() => new FrameWalker().reset(wrong as unknown as Uint8Array)).toThrow(
        expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_FRAME' }),
      );
  });

  test('takes custom divisors, fractional ones and those beyond 2³¹ too', () => {
    for (const divisor of [1, 2.5, 10_000_000_000, 4_294_967_296]) {
      const walker = new FrameWalker({ divisors: { 77: divisor } });
      expect(walk(walker, frameOf(ltpBody({ token: 256 + 77, last: 5 })))).toMatchObject([{ divisor }]);
    }
  });
});
