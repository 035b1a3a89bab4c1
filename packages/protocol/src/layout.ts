/**
 * The wire's one layout table. Decoder, encoder and the views of `@kite/raw` all stand on it.
 *
 * Source: the packet structure table of Kite Connect's WebSocket documentation, and for signedness what the official
 * clients' maintainers answered: tokens, quantities and timestamps are unsigned, prices signed (MCX futures trade below
 * zero). Everything is big-endian.
 */

/** How a field is stored. `price` is an i32 that the segment's divisor scales; `seconds` a u32 of Unix seconds, 0 = absent. */
export type WireType = 'u32' | 'u16' | 'price' | 'seconds';

/** One field's place in a packet body, or in a depth level. */
export interface WireField {
  readonly offset: number;
  readonly type: WireType;
}

const at =
  <T extends WireType>(type: T) =>
  <O extends number>(offset: O) =>
    ({ offset, type }) as const;
const u32 = at('u32');
const u16 = at('u16');
const price = at('price');
const seconds = at('seconds');

const ltp = { instrumentToken: u32(0), lastPrice: price(4) } as const;

/** Indices: high, low, open, close. */
const indexQuote = {
  ...ltp,
  high: price(8),
  low: price(12),
  open: price(16),
  close: price(20),
  priceChange: price(24),
} as const;

/** Instruments that trade: open, high, low, close. */
const quote = {
  ...ltp,
  lastTradedQuantity: u32(8),
  averageTradedPrice: price(12),
  volumeTraded: u32(16),
  totalBuyQuantity: u32(20),
  totalSellQuantity: u32(24),
  open: price(28),
  high: price(32),
  low: price(36),
  close: price(40),
} as const;

/** Each packet kind: the length that identifies it, and its fields. */
export const PACKETS = {
  ltp: { length: 8, fields: ltp },
  indexQuote: { length: 28, fields: indexQuote },
  indexFull: { length: 32, fields: { ...indexQuote, exchangeTimestamp: seconds(28) } },
  quote: { length: 44, fields: quote },
  full: {
    length: 184,
    fields: {
      ...quote,
      lastTradeTime: seconds(44),
      oi: u32(48),
      oiDayHigh: u32(52),
      oiDayLow: u32(56),
      exchangeTimestamp: seconds(60),
    },
  },
} as const;

/** Market depth, at the end of a full packet: five buy levels, then five sell levels. */
export const DEPTH = {
  levels: 5,
  levelLength: 12,
  buyOffset: 64,
  sellOffset: 124,
  fields: { quantity: u32(0), price: price(4), orders: u16(8) },
} as const;

/** A frame: u16 packet count, then each packet as u16 length and body. */
export const FRAME = {
  countLength: 2,
  lengthLength: 2,
  maxPackets: 0xffff,
  maxPacketLength: 0xffff,
} as const;

type Offsets<F extends Record<string, WireField>> = { readonly [K in keyof F]: F[K]['offset'] };

/** The offsets alone, as one flat constant object for hot paths. */
export function offsetsOf<F extends Record<string, WireField>>(fields: F): Offsets<F> {
  return Object.freeze(
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.offset])),
  ) as Offsets<F>;
}
