import assert from 'node:assert/strict';
import { decodeFrameMessage, encodeTickMessage } from '@kite/nats';
import { decodeFrame, encodeFrame } from '@kite/protocol';
import { type FuzzTarget, VECTORS } from '@kite/testkit';

const HEAD = {
  cached: false,
  replayed: false,
  account: 3,
  connection: 2,
  epoch: 0xffff_ffff,
  sequence: 7,
  previous: 6,
  receivedAt: 1_701_928_226_123,
};

/** Messages of whole frames on the bus: a flaw in words, or a head and a frame that write the same bytes again. */
export const target: FuzzTarget = {
  seeds: [
    encodeTickMessage(HEAD, encodeFrame(VECTORS.map(({ body }) => body))),
    encodeTickMessage(HEAD, Uint8Array.of(0)),
    encodeTickMessage(HEAD, new Uint8Array()),
  ],
  maxLength: 600,
  run(input) {
    const message = decodeFrameMessage(input);
    if ('flaw' in message) {
      assert.ok(message.flaw.length > 0);
      return;
    }
    const { frame, ...head } = message;
    const written = encodeTickMessage({ ...HEAD, ...head }, frame);
    // A frame has no flags.
    written[1] = input[1]!;
    assert.deepEqual(Buffer.from(written), Buffer.from(input));
    for (const { instrumentToken } of decodeFrame(frame)) assert.ok(instrumentToken >= 0);
  },
};
