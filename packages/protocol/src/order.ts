/** The states that the documentation names; the server uses others as well. */
type OrderStatus = 'COMPLETE' | 'CANCELLED' | 'REJECTED' | 'UPDATE' | 'OPEN' | (string & {});

/**
 * An order postback, with Kite's own field names: the order object of the REST API. Unknown fields are kept. Postbacks
 * sometimes arrive out of order, are never replayed, and come on every open connection of the user.
 *
 * Timestamps are `YYYY-MM-DD HH:MM:SS` in IST, without a zone. Source: the postback page of Kite Connect's
 * documentation, and captured messages, in which most fields may be null.
 */
export interface OrderUpdate {
  /** Kite's id of the order; the same in all its postbacks. */
  order_id: string;
  /** An open set: expect undocumented ones. */
  status: OrderStatus;
  /** The user it was placed for. */
  user_id?: string | null;
  /** The Kite Connect app it was placed through. */
  app_id?: number | null;
  /** Who placed it: differs from `user_id` if a dealer of the broker did. */
  placed_by?: string | null;
  /** SHA-256 over order id, timestamp and API secret, in hex: proves that it came from Kite. */
  checksum?: string | null;
  /** The exchange's own id; null before it has the order. */
  exchange_order_id?: string | null;
  /** The first leg's id, for an order with several legs, such as a cover order. */
  parent_order_id?: string | null;
  /** Why it was rejected or cancelled, for people. */
  status_message?: string | null;
  /** The same, in the order management system's words. */
  status_message_raw?: string | null;
  /** When Kite registered it, `YYYY-MM-DD HH:MM:SS`, IST. */
  order_timestamp?: string | null;
  /** When the exchange last changed it; the same form. */
  exchange_update_timestamp?: string | null;
  /** When the exchange registered it; the same form. */
  exchange_timestamp?: string | null;
  /** `regular`, `amo`, `co`, … */
  variety?: string | null;
  /** `NSE`, `NFO`, `MCX`, … */
  exchange?: string | null;
  /** The instrument's name at its exchange. */
  tradingsymbol?: string | null;
  /** The token under which its ticks come. */
  instrument_token?: number | null;
  /** `MARKET`, `LIMIT`, `SL`, `SL-M`. */
  order_type?: string | null;
  /** The side. */
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
  /** Units filled. */
  filled_quantity?: number | null;
  /** Units that are still to be filled. */
  pending_quantity?: number | null;
  /** Kite's legacy field: use `pending_quantity`. */
  unfilled_quantity?: number | null;
  /** Units that were cancelled. */
  cancelled_quantity?: number | null;
  /** How far the price of a market order may move, in percent; 0 if not set. */
  market_protection?: number | null;
  /** Data attached by the system. */
  meta?: Record<string, unknown> | string | null;
  /** Your own tag, given when placing the order. */
  tag?: string | null;
  /** Kite's id of the request, against placing it twice. */
  guid?: string | null;
  [field: string]: unknown;
}
