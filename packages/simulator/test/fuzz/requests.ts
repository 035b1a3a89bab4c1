import assert from 'node:assert/strict';
import { isInstrumentToken, modeRequests, subscribeRequests, unsubscribeRequests } from '@kite/protocol';
import type { FuzzTarget } from '@kite/testkit';

import { parseClientRequest } from '../../src/server/client-request.js';

/** What clients send. It throws nothing: tokens that are tokens, or the whole text as invalid. */
export const target: FuzzTarget = {
  seeds: [
    ...subscribeRequests([408065, 256265]),
    ...unsubscribeRequests([408065]),
    ...modeRequests('full', [408065]),
    '{"a":"mode","v":["ltp",["408065"]]}',
    '{"a":"subscribe","v":[0]}',
  ].map((text) => Buffer.from(text)),
  words: ['"a":', '"v":', '"mode"', '"subscribe"', '"full"', '[]', 'null', '4294967296', '"1"'],
  run(input) {
    const text = Buffer.from(input).toString();
    const request = parseClientRequest(text);
    if (request.action === 'invalid') {
      assert.equal(request.text, text);
      return;
    }
    assert.equal(new Set(request.tokens).size, request.tokens.length);
    for (const token of request.tokens) assert.ok(isInstrumentToken(token));
  },
};
