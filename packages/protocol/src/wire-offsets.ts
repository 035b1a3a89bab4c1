/**
 * The offsets of the wire's fields, in bytes from the start of a packet's body. The layout table is made of them.
 *
 * Enums, because the build replaces their members by numbers. Reading the same offsets from the table's objects at run
 * time costs a fifth of the decoding of a full tick.
 */

/** Fields of quote and full packets; an ltp packet has the first two. */
export enum Full {
  instrumentToken = 0,
  lastPrice = 4,
  lastTradedQuantity = 8,
  averageTradedPrice = 12,
  volumeTraded = 16,
  totalBuyQuantity = 20,
  totalSellQuantity = 24,
  open = 28,
  high = 32,
  low = 36,
  close = 40,
  lastTradeTime = 44,
  oi = 48,
  oiDayHigh = 52,
  oiDayLow = 56,
  exchangeTimestamp = 60,
  buy = 64,
  sell = 124,
}

/** Fields of index packets after the token: high, low, open, close in this order. */
export enum Index {
  lastPrice = 4,
  high = 8,
  low = 12,
  open = 16,
  close = 20,
  priceChange = 24,
  exchangeTimestamp = 28,
}

/** Fields of a depth level, and its length. */
export enum Level {
  quantity = 0,
  price = 4,
  orders = 8,
  length = 12,
}
