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
  /** An open set: be ready for one that is not documented. */
  status: OrderStatus;
  user_id?: string | null;
  app_id?: number | null;
  placed_by?: string | null;
  /** SHA-256 over order id, timestamp and API secret, in hex: whether it came from Kite. */
  checksum?: string | null;
  /** The exchange's own id; null before it has the order. */
  exchange_order_id?: string | null;
  /** Of an order with several legs, such as a cover order: the first leg's id. */
  parent_order_id?: string | null;
  /** Why it was rejected or cancelled, for people. */
  status_message?: string | null;
  /** The same as the order management system says it. */
  status_message_raw?: string | null;
  /** When Kite registered it, `YYYY-MM-DD HH:MM:SS`, IST. */
  order_timestamp?: string | null;
  /** When the exchange last changed it; the same form. */
  exchange_update_timestamp?: string | null;
  /** When the exchange registered it; the same form. */
  exchange_timestamp?: string | null;
  /** `regular`, `amo`, `co`, … */
  variety?: string | null;
  exchange?: string | null;
  tradingsymbol?: string | null;
  instrument_token?: number | null;
  /** `MARKET`, `LIMIT`, `SL`, `SL-M`. */
  order_type?: string | null;
  transaction_type?: 'BUY' | 'SELL' | (string & {}) | null;
  /** `DAY`, `IOC`, `TTL`. */
  validity?: string | null;
  /** `CNC`, `NRML`, `MIS`, … */
  product?: string | null;
  /** Units. */
  quantity?: number | null;
  /** Units shown to the market. */
  disclosed_quantity?: number | null;
  /** Rupees; 0 for a market order. */
  price?: number | null;
  /** Rupees, of stop-loss orders. */
  trigger_price?: number | null;
  /** Rupees, over what has been filled; 0 before. */
  average_price?: number | null;
  /** Units, as the other quantities. */
  filled_quantity?: number | null;
  pending_quantity?: number | null;
  unfilled_quantity?: number | null;
  cancelled_quantity?: number | null;
  market_protection?: number | null;
  meta?: Record<string, unknown> | string | null;
  /** What you gave the order when placing it. */
  tag?: string | null;
  guid?: string | null;
  [field: string]: unknown;
}
