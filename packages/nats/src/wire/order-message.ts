import type { OrderUpdate } from '@kite/protocol';

/**
 * The id by which the server detects a duplicate order update: order, status, time, and the filled quantity, since two
 * fills can fall into one second.
 */
export function orderMessageId(order: OrderUpdate): string {
  const time = order.exchange_update_timestamp ?? order.order_timestamp ?? '';
  return [order.order_id, order.status, time, order.filled_quantity ?? ''].join(':');
}

/** Encodes an order update: JSON, with Kite's names. */
export function encodeOrder(order: OrderUpdate): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(order));
}
