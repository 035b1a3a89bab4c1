import assert from 'node:assert/strict';
import { decodeFrameMessage, encodeTickMessage } from '@kite/nats';
import { decodeFrame, encodeFrame } from '@kite/protocol';
import { type FuzzTarget, VECTORS } from '@kite/testkit';

import { assertWritesAgain, HEAD, isRefused } from '../support/head-messages.js';

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
    if (isRefused(message)) return;
    const { frame, ...head } = message;
    assertWritesAgain(input, head, frame);
    for (const { instrumentToken } of decodeFrame(frame)) assert.ok(instrumentToken >= 0);
  },
};
