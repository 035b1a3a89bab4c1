import assert from 'node:assert/strict';
import type { FuzzTarget } from '@kite/testkit';

import { readRefusal } from '../../src/socket/refusal.js';

/** Long enough to be blotted out within words too. */
const SECRETS = ['k3y567', 'tok/en+1234567'];
const STATUSES = [400, 403, 429, 500, 503];

/** The body of a refused handshake, its first byte choosing the status: an error that shows no secret, however it is cut. */
export const target: FuzzTarget = {
  seeds: [
    '\u0000Invalid `access_token` or `api_key`.',
    '\u0001Authentication failed.',
    '\u0000GET /?api_key=k3y567&access_token=tok%2Fen%2B1234567 HTTP/1.1',
    '\u0002too many: tok/en+12345',
    '\u0003tok%2Fen%2B123',
  ].map((text) => Buffer.from(text)),
  words: [...SECRETS, ...SECRETS.map(encodeURIComponent), 'tok/', 'token', 'api_key', '(redacted)'],
  maxLength: 1100,
  run(input) {
    const status = STATUSES[(input[0] ?? 0) % STATUSES.length]!;
    const body = Buffer.from(input.subarray(1, 1025)).toString();
    const { error, refuses } = readRefusal({ kind: 'refused', status, body }, SECRETS);
    assert.equal(refuses === 'connection', status === 429);
    const shown = JSON.stringify([error.message, error.response]);
    for (const secret of SECRETS.flatMap((one) => [one, encodeURIComponent(one)]))
      assert.ok(!shown.includes(secret), `shows ${secret}`);
  },
};
