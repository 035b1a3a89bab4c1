import assert from 'node:assert/strict';
import { encodeTickMessage, type NotATickMessage, type TickHead } from '@kite/nats';

/** A head with the largest epoch. */
export const HEAD: TickHead = {
  cached: false,
  replayed: false,
  account: 3,
  connection: 2,
  epoch: 0xffff_ffff,
  sequence: 7,
  previous: 6,
  receivedAt: 1_701_928_226_123,
};

/** Whether bytes are no message, which is then said in words. */
export function isRefused(message: object): message is NotATickMessage {
  if (!('flaw' in message)) return false;
  assert.ok(typeof message.flaw === 'string' && message.flaw.length > 0);
  return true;
}

/** What was read of a message writes the same bytes again, except for its flags: some are not known, or not read. */
export function assertWritesAgain(input: Uint8Array, head: Partial<TickHead>, body: Uint8Array): void {
  const written = encodeTickMessage({ ...HEAD, ...head }, body);
  written[1] = input[1]!;
  assert.deepEqual(Buffer.from(written), Buffer.from(input));
}
