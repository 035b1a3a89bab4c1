import { createHash } from 'node:crypto';
import type { OrderUpdate } from '@kite/protocol';

import type { Instrument } from '../market/instrument.js';
import { orderTime } from './text-frames.js';

/** What completes an order, besides the caller's fields. */
export interface OrderContext {
  readonly userId: string;
  readonly instrument: Instrument;
  /** In rupees. */
  readonly lastPrice: number;
  /** Unix milliseconds. */
  readonly now: number;
  /** Makes the order id unique. */
  readonly sequence: number;
}

/** A complete order postback, with every field that Kite sends; given fields win over made-up ones. */
export function completeOrder(given: Partial<OrderUpdate>, context: OrderContext): OrderUpdate {
  const { userId, instrument, lastPrice, now, sequence } = context;
  const time = orderTime(now);
  const serial = String(sequence).padStart(9, '0');
  const orderId = given.order_id ?? `${time.slice(2, 10).replaceAll('-', '')}${serial}`;
  const status = given.status ?? 'COMPLETE';
  const quantity = given.quantity ?? instrument.lotSize;
  const filled = given.filled_quantity ?? (status === 'COMPLETE' ? quantity : 0);
  const cancelled = given.cancelled_quantity ?? (status === 'CANCELLED' ? quantity - filled : 0);
  const pending =
    status === 'COMPLETE' || status === 'CANCELLED' || status === 'REJECTED' ? 0 : quantity - filled;
  const atExchange = status === 'REJECTED' ? null : time;
  return {
    user_id: userId,
    unfilled_quantity: 0,
    app_id: 0,
    checksum: createHash('sha256').update(`${orderId}${time}${userId}`).digest('hex'),
    placed_by: userId,
    order_id: orderId,
    exchange_order_id: atExchange && `1${serial.padStart(15, '0')}`,
    parent_order_id: null,
    status,
    status_message: null,
    status_message_raw: null,
    order_timestamp: time,
    exchange_update_timestamp: atExchange,
    exchange_timestamp: atExchange,
    variety: 'regular',
    exchange: instrument.exchange,
    tradingsymbol: instrument.tradingsymbol,
    instrument_token: instrument.instrumentToken,
    order_type: 'MARKET',
    transaction_type: 'BUY',
    validity: 'DAY',
    product: 'CNC',
    quantity,
    disclosed_quantity: 0,
    price: 0,
    trigger_price: 0,
    average_price: filled > 0 ? lastPrice : 0,
    filled_quantity: filled,
    pending_quantity: pending,
    cancelled_quantity: cancelled,
    market_protection: 0,
    meta: {},
    tag: null,
    guid: `${serial}X${orderId}`,
    ...given,
  };
}
