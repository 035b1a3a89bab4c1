/**
 * The layout table's offsets and lengths again, as enums; a test compares them.
 *
 * The build replaces an enum's members by their numbers. The optimiser always inlines getters of at most 27 bytes of
 * bytecode, larger ones only while a budget lasts. With numbers the getters here stay within that; with constants read
 * from the table they would not, and reading a whole tick would take half as long again.
 */

/** Body lengths. */
export enum Length {
  ltp = 8,
  indexQuote = 28,
  indexFull = 32,
  quote = 44,
  full = 184,
}

/** Fields of quote and full packets. */
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
}

/** Fields of index packets after the token, which is at the same place in every packet. */
export enum Index {
  lastPrice = 4,
  high = 8,
  low = 12,
  open = 16,
  close = 20,
  priceChange = 24,
  exchangeTimestamp = 28,
}

/** Fields of the best level of the buy depth. */
export enum Buy {
  quantity = 64,
  price = 68,
  orders = 72,
}

/** Fields of the best level of the sell depth. */
export enum Sell {
  quantity = 124,
  price = 128,
  orders = 132,
}

/** The number of levels in the depth, and the distance between them. */
export enum Levels {
  count = 5,
  length = 12,
}
