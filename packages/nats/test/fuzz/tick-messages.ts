import assert from 'node:assert/strict';
import { decodeTickMessage, encodeTickMessage } from '@kite/nats';
import { type FuzzTarget, VECTORS } from '@kite/testkit';

const HEAD = {
  cached: true,
  replayed: false,
  account: 3,
  connection: 2,
  epoch: 0xffff_ffff,
  sequence: 7,
  previous: 6,
  receivedAt: 1_701_928_226_123,
};

/** Messages of ticks on the bus: a flaw in words, or a head and a packet that write the same bytes again. */
export const target: FuzzTarget = {
  seeds: VECTORS.map(({ body }) => encodeTickMessage(HEAD, body)),
  maxLength: 300,
  run(input) {
    const message = decodeTickMessage(input);
    if ('flaw' in message) {
      assert.ok(message.flaw.length > 0);
      return;
    }
    const { packet, ...head } = message;
    const written = encodeTickMessage(head, packet);
    // Flags that are not known yet are passed over.
    written[1] = input[1]!;
    assert.deepEqual(Buffer.from(written), Buffer.from(input));
  },
};
