import assert from 'node:assert/strict';
import { parseTextMessage } from '@kite/protocol';
import type { FuzzTarget } from '@kite/testkit';

const encode = (message: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(message));

/** Text messages, order postbacks among them. They throw nothing, keep what came, and have the types that they say. */
export const target: FuzzTarget = {
  seeds: [
    { type: 'order', data: { order_id: '220303000308932', status: 'COMPLETE', price: 0, meta: {} } },
    { type: 'error', data: 'Error parsing instrument tokens.' },
    { type: 'message', data: 'Exchange is closed today.' },
    { type: 'instruments_meta', data: { count: 86481, etag: 'W/"68907d60-55bf"' } },
    { type: 'app_code', timestamp: '2025-08-04T13:50:28+05:30' },
    [{ type: 'order', __proto__: null }],
  ].map(encode),
  words: [
    '"type":',
    '"data":',
    '"order"',
    '"order_id":',
    '"status":',
    '"__proto__":',
    'null',
    '{}',
    '[',
    '\\u0000',
  ],
  run(input) {
    const text = new TextDecoder().decode(input);
    const message = parseTextMessage(text);
    switch (message.type) {
      case 'order':
        assert.deepEqual([typeof message.order.order_id, typeof message.order.status], ['string', 'string']);
        assert.deepEqual(message.order, dataOf(text));
        break;
      case 'error':
        assert.equal(typeof message.message, 'string');
        assert.equal(message.message, dataOf(text));
        break;
      case 'message':
        assert.deepEqual(message.data, dataOf(text));
        break;
      case 'instruments-meta':
        assert.deepEqual([typeof message.count, typeof message.etag], ['number', 'string']);
        break;
      case 'app-code':
        assert.equal(typeof message.timestamp, 'string');
        break;
      case 'unknown':
        assert.ok(message.data === text || JSON.stringify(message.data) === JSON.stringify(JSON.parse(text)));
    }
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  },
};

function dataOf(text: string): unknown {
  return (JSON.parse(text) as { data: unknown }).data;
}
