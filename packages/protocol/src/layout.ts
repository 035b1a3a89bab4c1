/**
 * The wire's one layout table, used by decoder, encoder and the views of `@kite/raw`.
 *
 * Source: the packet structure table of Kite Connect's WebSocket documentation; for signedness, answers of the official
 * clients' maintainers: tokens, quantities and timestamps are unsigned, prices signed (MCX futures trade below zero).
 * Everything is big-endian.
 */

import { Full, Index, Level } from './wire-offsets.js';

/** How a field is stored. `price`: an i32 scaled by the segment's divisor; `seconds`: u32 Unix seconds, 0 = absent. */
export type WireType = 'u32' | 'u16' | 'price' | 'seconds';

/** One field's place in a packet body, or in a depth level. */
export interface WireField {
  /** From the start of the packet, or of the level of depth, in bytes. */
  readonly offset: number;
  /** How its bytes are read; all are big-endian. */
  readonly type: WireType;
}

/** An enum member's number, so that the table's public types show 4 and not an internal name. */
type NumberOf<Member extends number> = `${Member}` extends `${infer N extends number}` ? N : never;
const numberOf = <Member extends number>(member: Member) => member as number as NumberOf<Member>;

const at =
  <T extends WireType>(type: T) =>
  <O extends number>(offset: O) =>
    ({ offset: numberOf(offset), type }) as const;
const u32 = at('u32');
const u16 = at('u16');
const price = at('price');
const seconds = at('seconds');

const ltp = { instrumentToken: u32(Full.instrumentToken), lastPrice: price(Full.lastPrice) } as const;

/** Indices: high, low, open, close. */
const indexQuote = {
  ...ltp,
  high: price(Index.high),
  low: price(Index.low),
  open: price(Index.open),
  close: price(Index.close),
  priceChange: price(Index.priceChange),
} as const;

/** Instruments that trade: open, high, low, close. */
const quote = {
  ...ltp,
  lastTradedQuantity: u32(Full.lastTradedQuantity),
  averageTradedPrice: price(Full.averageTradedPrice),
  volumeTraded: u32(Full.volumeTraded),
  totalBuyQuantity: u32(Full.totalBuyQuantity),
  totalSellQuantity: u32(Full.totalSellQuantity),
  open: price(Full.open),
  high: price(Full.high),
  low: price(Full.low),
  close: price(Full.close),
} as const;

/** Each packet kind: the length that identifies it, and its fields. */
export const PACKETS = {
  ltp: { length: 8, fields: ltp },
  indexQuote: { length: 28, fields: indexQuote },
  indexFull: { length: 32, fields: { ...indexQuote, exchangeTimestamp: seconds(Index.exchangeTimestamp) } },
  quote: { length: 44, fields: quote },
  full: {
    length: 184,
    fields: {
      ...quote,
      lastTradeTime: seconds(Full.lastTradeTime),
      oi: u32(Full.oi),
      oiDayHigh: u32(Full.oiDayHigh),
      oiDayLow: u32(Full.oiDayLow),
      exchangeTimestamp: seconds(Full.exchangeTimestamp),
    },
  },
} as const;

/** Market depth, at the end of a full packet: five buy levels, then five sell levels. */
export const DEPTH = {
  levels: 5,
  levelLength: numberOf(Level.length),
  buyOffset: numberOf(Full.buy),
  sellOffset: numberOf(Full.sell),
  // Backwards: in a level's own order the table would share the hidden class of every decoded level; its fields are
  // objects, so the engine could no longer store prices as plain doubles. That costs a tenth of a full tick.
  fields: { orders: u16(Level.orders), price: price(Level.price), quantity: u32(Level.quantity) },
} as const;

/** A frame: u16 packet count, then each packet as u16 length and body. */
export const FRAME = {
  countLength: 2,
  lengthLength: 2,
  maxPackets: 0xffff,
  maxPacketLength: 0xffff,
} as const;
