import assert from 'node:assert/strict';
import type { FuzzTarget } from '@kite/testkit';

import { decodeOrder, encodeOrder, orderMessageId } from '../../src/wire/order-message.js';
import { Subjects } from '../../src/wire/subjects.js';

const ORDER = { order_id: '221130000000001', status: 'COMPLETE', filled_quantity: 10, meta: { a: [1] } };

/** Stored orders, behind their subject in a line of its own: a flaw in words, or an order that is stored the same again. */
export const target: FuzzTarget = {
  seeds: ['kite.o.default', 'kite.o.a=20b', 'kite.o.', 'x'].map((subject) =>
    Buffer.from(`${subject}\n${JSON.stringify(ORDER)}`),
  ),
  words: ['"order_id":', '"status":', '"flaw":', '"__proto__":', 'null', '{}', '=2', '=zz', '[[', '\n'],
  run(input) {
    const [subject = '', ...lines] = Buffer.from(input).toString().split('\n');
    const account = new Subjects('kite').accountOf(subject);
    assert.ok(account === undefined || typeof account === 'string');
    const order = decodeOrder(Buffer.from(lines.join('\n')));
    if (!('order_id' in order)) {
      assert.ok(order.flaw.length > 0);
      return;
    }
    assert.equal(typeof order.order_id, 'string');
    assert.equal(typeof orderMessageId(order), 'string');
    assert.deepEqual(decodeOrder(encodeOrder(order)), JSON.parse(JSON.stringify(order)));
  },
};
