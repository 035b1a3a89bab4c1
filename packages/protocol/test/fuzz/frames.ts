import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, FrameDecoder, type FrameIssue, FrameWalker } from '@kite/protocol';
import { FRAME_OF_EACH_KIND, type FuzzTarget, HEARTBEAT, VECTOR_FRAME, VECTORS } from '@kite/testkit';

/** Binary messages. They throw nothing; every reader sees the same packets; what is written of the ticks reads as the same. */
export const target: FuzzTarget = {
  seeds: [
    VECTOR_FRAME,
    FRAME_OF_EACH_KIND,
    HEARTBEAT,
    new Uint8Array(),
    ...VECTORS.map(({ body }) => encodeFrame([body])),
  ],
  run(input) {
    const issues: FrameIssue[] = [];
    const before = input.slice();
    const ticks = decodeFrame(input, { onIssue: (issue) => issues.push(issue) });
    assert.deepEqual(input, before);
    assert.deepEqual(new FrameDecoder().decode(input), ticks);

    const walked: FrameIssue[] = [];
    const walker = new FrameWalker({ onIssue: (issue) => walked.push(issue) });
    const tokens: number[] = [];
    walker.reset(input);
    while (walker.next()) tokens.push(walker.instrumentToken);
    assert.deepEqual([tokens, walked], [ticks.map(({ instrumentToken }) => instrumentToken), issues]);

    for (const { offset } of issues) assert.ok(offset >= 0 && offset <= input.length);
    assert.deepEqual(decodeFrame(encodeFrame(ticks)), ticks);
  },
};
