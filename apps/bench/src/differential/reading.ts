import { priceDivisor, Segment, type Tick } from '@kite/protocol';

/** Records a difference from the protocol, in the words of the decoder's list. */
export type Note<Difference extends string> = (difference: Difference) => void;

/** A decoder in another language, and all its differences from the protocol. */
export interface Decoder<Difference extends string = string> {
  readonly differences: readonly Difference[];
  /** How it reads the packet of one of our ticks, in its own JSON. */
  readonly reading: (tick: Tick, note: Note<Difference>) => unknown;
}

/** A tick with day's prices. */
export type DayTick = Exclude<Tick, { mode: 'ltp' }>;

/** A tick with its depth. */
type FullTick = Extract<Tick, { mode: 'full'; tradable: true }>;

export const UNSIGNED_PRICES = 'a price below zero is read as unsigned';
export const TIME_ZERO = 'a time of 0 is 1970';

/** The wire integer behind a price. */
export function wirePrice(tick: Tick, price: number): number {
  return Math.round(price * priceDivisor(tick.instrumentToken));
}

/** The same, read as unsigned. */
export function unsignedWirePrice(tick: Tick, price: number, note: Note<typeof UNSIGNED_PRICES>): number {
  const signed = wirePrice(tick, price);
  if (signed >= 0) return signed;
  note(UNSIGNED_PRICES);
  return signed + 0x1_0000_0000;
}

/** Unix seconds of our milliseconds. */
export function seconds(ms: number | null, note: Note<typeof TIME_ZERO>): number {
  if (ms !== null) return ms / 1000;
  note(TIME_ZERO);
  return 0;
}

/** Applies a function to every price of a tick's depth. */
export function depthOf<Price>(
  tick: FullTick,
  price: (ours: number) => Price,
): Record<'buy' | 'sell', { quantity: number; price: Price; orders: number }[]> {
  const side = (name: 'buy' | 'sell') =>
    tick.depth[name].map((level) => ({ ...level, price: price(level.price) }));
  return { buy: side('buy'), sell: side('sell') };
}

/** Applies a function to all four. */
export function ohlcOf<Price>(
  tick: DayTick,
  price: (ours: number) => Price,
): Record<'open' | 'high' | 'low' | 'close', Price> {
  const { open, high, low, close } = tick.ohlc;
  return { open: price(open), high: price(high), low: price(low), close: price(close) };
}

/** What was traded on the day, under the names that the official clients share. */
export function tradedOf<Price>(
  tick: Extract<DayTick, { tradable: true }>,
  price: (ours: number) => Price,
): Record<string, number | Price> {
  return {
    last_traded_quantity: tick.lastTradedQuantity,
    average_traded_price: price(tick.averageTradedPrice),
    volume_traded: tick.volumeTraded,
    total_buy_quantity: tick.totalBuyQuantity,
    total_sell_quantity: tick.totalSellQuantity,
  };
}

/** Open interest, which all of them name alike. */
export function openInterestOf(tick: FullTick): Record<string, number> {
  return { oi: tick.oi, oi_day_high: tick.oiDayHigh, oi_day_low: tick.oiDayLow };
}

/** By its segment, not by its packet. */
export function isOfIndex(tick: Tick): boolean {
  return tick.segment === Segment.INDICES;
}
