import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, FrameDecoder, type FrameIssue } from '@kite/protocol';
import { frameOf, ltpBody, VECTOR_FRAME, VECTOR_TICKS } from '@kite/testkit';

import { alienBody, anyBody } from '../support/arbitraries.js';

/** Frames laid one behind the other in one chunk, as a socket hands them out. */
function slices(frames: readonly Uint8Array[], buffer: ArrayBufferLike): Uint8Array[] {
  const chunk = new Uint8Array(buffer);
  let at = 1;
  return frames.map((frame) => {
    chunk.set(frame, at);
    const slice = chunk.subarray(at, at + frame.length);
    at += frame.length;
    return slice;
  });
}

const sizeOf = (frames: readonly Uint8Array[]) => frames.reduce((sum, { length }) => sum + length, 1);

const whole = fc.array(fc.oneof(anyBody, alienBody), { maxLength: 5 }).map((packets) => frameOf(...packets));

const frame = fc.oneof(
  whole,
  fc
    .tuple(whole, fc.uint8Array({ maxLength: 4 }))
    .map(([bytes, rest]) => Uint8Array.from([...bytes, ...rest])),
  fc.tuple(whole, fc.nat(6)).map(([bytes, cut]) => bytes.subarray(0, Math.max(0, bytes.length - cut))),
  fc.uint8Array({ maxLength: 60 }),
  fc.constant(Uint8Array.of(0)),
);

describe('a FrameDecoder says what decodeFrame says', () => {
  const issuesOf = (run: (onIssue: (issue: FrameIssue) => void) => unknown) => {
    const issues: FrameIssue[] = [];
    const result = run((issue) => issues.push(issue));
    return { result, issues };
  };

  test('over many frames in shared chunks, ticks and issues alike', () => {
    fc.assert(
      fc.property(fc.array(fc.array(frame, { maxLength: 6 }), { maxLength: 4 }), (chunks) => {
        const frames = chunks.flatMap((group) => slices(group, new ArrayBuffer(sizeOf(group))));
        const kept = issuesOf((onIssue) => {
          const decoder = new FrameDecoder({ onIssue });
          return frames.map((bytes) => decoder.decode(bytes));
        });
        const fresh = issuesOf((onIssue) => frames.map((bytes) => decodeFrame(bytes, { onIssue })));
        expect(kept).toStrictEqual(fresh);
      }),
    );
  });

  test('when frames of two chunks alternate', () => {
    const [a1, a2] = slices([VECTOR_FRAME, frameOf()], new ArrayBuffer(4096));
    const [b1, b2] = slices([frameOf(), VECTOR_FRAME], new ArrayBuffer(4096));
    const decoder = new FrameDecoder();
    for (const bytes of [a1!, b1!, a2!, b2!, a1!])
      expect(decoder.decode(bytes)).toStrictEqual(decodeFrame(bytes));
  });

  test('when the same memory is filled with another frame', () => {
    const memory = frameOf(ltpBody({ token: 408065, last: 1 }));
    const decoder = new FrameDecoder();
    expect(decoder.decode(memory)).toMatchObject([{ lastPrice: 0.01 }]);
    memory.set(frameOf(ltpBody({ token: 408065, last: 2 })));
    expect(decoder.decode(memory)).toMatchObject([{ lastPrice: 0.02 }]);
  });

  test('on views of a SharedArrayBuffer', () => {
    const [bytes] = slices([VECTOR_FRAME], new SharedArrayBuffer(VECTOR_FRAME.length + 1));
    expect(new FrameDecoder().decode(bytes!)).toStrictEqual(VECTOR_TICKS);
    expect(decodeFrame(bytes!)).toStrictEqual(VECTOR_TICKS);
  });

  test('and is not confused by a listener that decodes while it decodes', () => {
    const inner = frameOf(ltpBody({ token: 408065, last: 7 }));
    const outer = frameOf(new Uint8Array(3), ltpBody({ token: 884737, last: 9 }));
    const decoded: unknown[] = [];
    const decoder: FrameDecoder = new FrameDecoder({
      onIssue: () => decoded.push(...decoder.decode(inner)),
    });
    expect(decoder.decode(outer)).toMatchObject([{ instrumentToken: 884737, lastPrice: 0.09 }]);
    expect(decoded).toMatchObject([{ instrumentToken: 408065, lastPrice: 0.07 }]);
  });
});

describe('a FrameDecoder', () => {
  test('passes over a heartbeat between two frames', () => {
    const decoder = new FrameDecoder();
    expect(decoder.decode(VECTOR_FRAME)).toStrictEqual(VECTOR_TICKS);
    expect(decoder.decode(Uint8Array.of(0))).toEqual([]);
    expect(decoder.decode(VECTOR_FRAME)).toStrictEqual(VECTOR_TICKS);
  });

  test('takes its divisors once: a later change of the object changes nothing', () => {
    const divisors: Record<number, number> = { 1: 1000 };
    const decoder = new FrameDecoder({ divisors });
    divisors[1] = 1;
    expect(decoder.decode(frameOf(ltpBody({ token: 257, last: 5000 })))).toMatchObject([{ lastPrice: 5 }]);
  });

  test('shares nothing with another one', () => {
    const frameOfOne = frameOf(ltpBody({ token: 257, last: 5000 }));
    const custom = new FrameDecoder({ divisors: { 1: 1000 } });
    const plain = new FrameDecoder();
    expect(custom.decode(frameOfOne)).toMatchObject([{ lastPrice: 5 }]);
    expect(plain.decode(frameOfOne)).toMatchObject([{ lastPrice: 50 }]);
    expect(decodeFrame(frameOfOne)).toMatchObject([{ lastPrice: 50 }]);
  });

  test('refuses what is no byte array, and goes on', () => {
    const decoder = new FrameDecoder();
    for (const wrong of [null, undefined, 'text', new ArrayBuffer(4), {}])
      expect(() => decoder.decode(wrong as Uint8Array)).toThrow(
        expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_FRAME' }),
      );
    expect(decoder.decode(VECTOR_FRAME)).toStrictEqual(VECTOR_TICKS);
  });
});
