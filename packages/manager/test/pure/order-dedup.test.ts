import { describe, expect, test } from 'vitest';
import type { OrderUpdate } from '@kite/manager';

import { OrderDedup } from '../../src/order-dedup.js';

function order(fields: Record<string, unknown> = {}): OrderUpdate {
  return {
    order_id: '1',
    status: 'OPEN',
    exchange_update_timestamp: '2026-11-27 09:15:01',
    ...fields,
  };
}

describe('an order postback', () => {
  test('that comes on each of three connections is delivered once', () => {
    const orders = new OrderDedup();
    expect([1, 2, 3].map(() => orders.accept(order()))).toEqual([true, false, false]);
  });

  test('is a copy however late it comes, and whatever came in between', () => {
    const orders = new OrderDedup();
    orders.accept(order());
    for (let id = 2; id < 1000; id++) orders.accept(order({ order_id: String(id) }));
    expect(orders.accept(order())).toBe(false);
  });

  test.each([
    ['another status', { status: 'COMPLETE' }],
    ['another update time', { exchange_update_timestamp: '2026-11-27 09:15:02' }],
    ['more filled', { filled_quantity: 5 }],
    ['another order', { order_id: '2' }],
  ])('with %s is another one', (_name, fields) => {
    const orders = new OrderDedup();
    orders.accept(order());
    expect(orders.accept(order(fields))).toBe(true);
  });

  test('that differs in its guid alone is a copy', () => {
    const orders = new OrderDedup();
    expect([orders.accept(order({ guid: 'a' })), orders.accept(order({ guid: 'b' }))]).toEqual([true, false]);
  });

  test('whose fields stand in another order is a copy', () => {
    const orders = new OrderDedup();
    const { order_id, ...others } = order({ meta: { a: 1 } });
    expect([orders.accept(order({ meta: { a: 1 } })), orders.accept({ ...others, order_id })]).toEqual([
      true,
      false,
    ]);
  });

  test('of long ago takes no memory', () => {
    const orders = new OrderDedup();
    for (let id = 0; id < 30_000; id++) orders.accept(order({ order_id: String(id) }));
    expect(orders.size).toBe(10_000);
  });
});
