/** The states that the documentation names; the server uses others as well. */
type OrderStatus = 'COMPLETE' | 'CANCELLED' | 'REJECTED' | 'UPDATE' | 'OPEN' | (string & {});

/**
 * An order postback, with Kite's own field names: the order object of the REST API. Fields that this list does not know
 * are kept. Postbacks arrive out of order at times, are never replayed, and come on every open connection of the user.
 *
 * Timestamps are `YYYY-MM-DD HH:MM:SS` in IST, without a zone. Source: the postback page of Kite Connect's
 * documentation, and captured messages, in which most fields may be null.
 */
export interface OrderUpdate {
  /** Kite's id of the order; the same in all its postbacks. */
  order_id: string;
  /** An open set: be ready for one that is not documented. */
  status: OrderStatus;
  /** For whom it was placed. */
  user_id?: string | null;
  /** The Kite Connect app that it was placed through. */
  app_id?: number | null;
  /** Who placed it: another than `user_id` where a dealer of the broker did. */
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
  /** `NSE`, `NFO`, `MCX`, … */
  exchange?: string | null;
  /** The instrument's name at its exchange. */
  tradingsymbol?: string | null;
  /** The token under which its ticks come. */
  instrument_token?: number | null;
  /** `MARKET`, `LIMIT`, `SL`, `SL-M`. */
  order_type?: string | null;
  /** Which side. */
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
  /** Units that are still to be filled. */
  pending_quantity?: number | null;
  /** A legacy of Kite's: `pending_quantity` says it. */
  unfilled_quantity?: number | null;
  /** Units that were cancelled. */
  cancelled_quantity?: number | null;
  /** By how many percent the price of a market order may stray; 0 where nothing was set. */
  market_protection?: number | null;
  /** What the system attached to it. */
  meta?: Record<string, unknown> | string | null;
  /** What you gave the order when placing it. */
  tag?: string | null;
  /** Kite's own id of the request, against placing it twice. */
  guid?: string | null;
  [field: string]: unknown;
}
