import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { FuzzTarget } from '@kite/testkit';

import { readRefusal } from '../../src/socket/refusal-response.js';

type Refused = Parameters<Parameters<typeof readRefusal>[1]>[0];

/** The answer to a refused handshake: `Retry-After`, `Date` and the body in a line each. It is told once, with a pause or none. */
export const target: FuzzTarget = {
  seeds: [
    '120\n\nToo many requests',
    'Fri, 20 Nov 2026 04:01:30 GMT\nFri, 20 Nov 2026 04:00:00 GMT\n',
    '-5\nnever\nx',
    `${'9'.repeat(320)}\n\n`,
  ].map((text) => Buffer.from(text)),
  words: ['GMT', 'Nov', '2026', '-271821', '+275760', 'e', '.', '\n'],
  run(input) {
    const [header = '', date = '', ...body] = Buffer.from(input).toString('latin1').split('\n');
    const answer = { statusCode: 429, headers: { 'retry-after': header, date } };
    const stream = new PassThrough();
    const told: Refused[] = [];
    return new Promise<void>((resolve) => {
      readRefusal(Object.assign(stream, answer) as unknown as IncomingMessage, (refused) => {
        told.push(refused);
        resolve();
      });
      stream.end(Buffer.from(body.join('\n')));
    }).then(() => {
      assert.equal(told.length, 1);
      const [{ retryAfterMs = 0, body: shown = '' }] = told as [Refused];
      assert.ok(retryAfterMs >= 0);
      assert.ok(shown.length <= 1024);
    });
  },
};
