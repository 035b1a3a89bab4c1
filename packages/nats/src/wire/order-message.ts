import type { OrderUpdate } from '@kite/protocol';

/**
 * The id by which the server knows that it has an order update already: order, status, time, and how much is filled, since two
 * fills can fall into one second.
 */
export function orderMessageId(order: OrderUpdate): string {
  const time = order.exchange_update_timestamp ?? order.order_timestamp ?? '';
  return [order.order_id, order.status, time, order.filled_quantity ?? ''].join(':');
}

/** An order update as it is stored: JSON, with Kite's names. */
export function encodeOrder(order: OrderUpdate): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(order));
}
