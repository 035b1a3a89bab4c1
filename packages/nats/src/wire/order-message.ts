import type { OrderUpdate } from '@kite/protocol';

/**
 * The id by which the server detects a duplicate order update: order, status, time, and the filled quantity, since two
 * fills can fall into one second.
 */
export function orderMessageId(order: OrderUpdate): string {
  const time = order.exchange_update_timestamp ?? order.order_timestamp ?? '';
  return [order.order_id, order.status, time, order.filled_quantity ?? ''].join(':');
}

/** Reads a stored order update. Never throws; bytes that are none come back with their flaw. */
export function decodeOrder(data: Uint8Array): OrderUpdate | { flaw: string } {
  let order: unknown;
  try {
    order = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return { flaw: 'it is not JSON' };
  }
  if (typeof order !== 'object' || order === null) return { flaw: 'it is not an object' };
  return typeof (order as Partial<OrderUpdate>).order_id === 'string'
    ? (order as OrderUpdate)
    : { flaw: 'it has no order_id' };
}

/** Encodes an order update: JSON, with Kite's names. */
export function encodeOrder(order: OrderUpdate): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(order));
}
