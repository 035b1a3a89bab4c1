/** The states that the documentation names; the server uses others as well. */
export type OrderStatus = 'COMPLETE' | 'CANCELLED' | 'REJECTED' | 'UPDATE' | 'OPEN' | (string & {});

/**
 * An order postback, with Kite's own field names: the order object of the REST API. Fields that this list does not know
 * are kept. Postbacks arrive out of order at times, are never replayed, and come on every open connection of the user.
 *
 * Timestamps are `YYYY-MM-DD HH:MM:SS` in IST, without a zone. Source: the postback page of Kite Connect's
 * documentation, and captured messages, in which most fields may be null.
 */
export interface OrderUpdate {
  order_id: string;
  status: OrderStatus;
  user_id?: string | null;
  app_id?: number | null;
  placed_by?: string | null;
  checksum?: string | null;
  exchange_order_id?: string | null;
  parent_order_id?: string | null;
  status_message?: string | null;
  status_message_raw?: string | null;
  order_timestamp?: string | null;
  exchange_update_timestamp?: string | null;
  exchange_timestamp?: string | null;
  variety?: string | null;
  exchange?: string | null;
  tradingsymbol?: string | null;
  instrument_token?: number | null;
  order_type?: string | null;
  transaction_type?: 'BUY' | 'SELL' | (string & {}) | null;
  validity?: string | null;
  product?: string | null;
  /** Units. */
  quantity?: number | null;
  disclosed_quantity?: number | null;
  /** Rupees; 0 for a market order. */
  price?: number | null;
  trigger_price?: number | null;
  average_price?: number | null;
  filled_quantity?: number | null;
  pending_quantity?: number | null;
  unfilled_quantity?: number | null;
  cancelled_quantity?: number | null;
  market_protection?: number | null;
  meta?: Record<string, unknown> | string | null;
  tag?: string | null;
  guid?: string | null;
  [field: string]: unknown;
}
