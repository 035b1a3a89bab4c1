import { decodeTickMessage, encodeTickMessage } from '@kite/nats';
import { type FuzzTarget, VECTORS } from '@kite/testkit';

import { assertWritesAgain, HEAD, isRefused } from '../support/head-messages.js';

/** Messages of ticks on the bus: a flaw in words, or a head and a packet that write the same bytes again. */
export const target: FuzzTarget = {
  seeds: VECTORS.map(({ body }) => encodeTickMessage({ ...HEAD, cached: true }, body)),
  maxLength: 300,
  run(input) {
    const message = decodeTickMessage(input);
    if (isRefused(message)) return;
    const { packet, ...head } = message;
    assertWritesAgain(input, head, packet);
  },
};
