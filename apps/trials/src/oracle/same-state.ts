import { priceDivisor, type Tick } from '@kite/protocol';

const LTP_BYTES = 8;
const INDEX_QUOTE_BYTES = 28;
const INDEX_FULL_BYTES = 32;
const QUOTE_BYTES = 44;
const FULL_BYTES = 184;
const DEPTH_AT = 64;
const LEVEL_BYTES = 12;
const LEVELS = 5;
/** Indices do not trade. */
const INDICES = 9;

/** Byte offsets of the fields in packets of tradable instruments, and of indices. */
const TRADED = { open: 28, high: 32, low: 36, close: 40 } as const;
const INDEX = { high: 8, low: 12, open: 16, close: 20 } as const;

/**
 * Whether a tick matches a packet, field by field. The oracle reads the wire with its own code: a wrong decoder must
 * not judge itself.
 */
export function isSameState(tick: Tick, packet: Uint8Array): boolean {
  const token = u32(packet, 0);
  const divisor = priceDivisor(token);
  if (tick.instrumentToken !== token || tick.lastPrice !== i32(packet, 4) / divisor) return false;
  if (tick.segment !== (token & 0xff)) return false;
  switch (packet.length) {
    case LTP_BYTES:
      return tick.mode === 'ltp' && tick.tradable === (tick.segment !== INDICES);
    case QUOTE_BYTES:
      return tick.mode === 'quote' && tick.tradable && isSameQuote(tick, packet, divisor);
    case FULL_BYTES:
      return tick.mode === 'full' && tick.tradable && isSameFull(tick, packet, divisor);
    case INDEX_QUOTE_BYTES:
      return tick.mode === 'quote' && !tick.tradable && isSameIndex(tick, packet, divisor);
    case INDEX_FULL_BYTES:
      return (
        tick.mode === 'full' &&
        !tick.tradable &&
        isSameIndex(tick, packet, divisor) &&
        tick.exchangeTimestamp === seconds(packet, 28)
      );
    default:
      return false;
  }
}

type Quote = Extract<Tick, { tradable: true; mode: 'quote' | 'full' }>;
type Full = Extract<Quote, { mode: 'full' }>;
type Index = Extract<Tick, { tradable: false; mode: 'quote' | 'full' }>;

function isSameQuote(tick: Quote, packet: Uint8Array, divisor: number): boolean {
  return (
    tick.lastTradedQuantity === u32(packet, 8) &&
    tick.averageTradedPrice === i32(packet, 12) / divisor &&
    tick.volumeTraded === u32(packet, 16) &&
    tick.totalBuyQuantity === u32(packet, 20) &&
    tick.totalSellQuantity === u32(packet, 24) &&
    isSameOhlc(tick, packet, divisor, TRADED) &&
    tick.netChange === changeOf(packet, TRADED.close, divisor)
  );
}

function isSameFull(tick: Full, packet: Uint8Array, divisor: number): boolean {
  return (
    isSameQuote(tick, packet, divisor) &&
    tick.lastTradeTime === seconds(packet, 44) &&
    tick.oi === u32(packet, 48) &&
    tick.oiDayHigh === u32(packet, 52) &&
    tick.oiDayLow === u32(packet, 56) &&
    tick.exchangeTimestamp === seconds(packet, 60) &&
    areSameLevels(tick.depth.buy, packet, DEPTH_AT, divisor) &&
    areSameLevels(tick.depth.sell, packet, DEPTH_AT + LEVELS * LEVEL_BYTES, divisor)
  );
}

function isSameIndex(tick: Index, packet: Uint8Array, divisor: number): boolean {
  return isSameOhlc(tick, packet, divisor, INDEX) && tick.netChange === i32(packet, 24) / divisor;
}

function isSameOhlc(
  { ohlc, lastPrice, changePercent }: Quote | Index,
  packet: Uint8Array,
  divisor: number,
  at: Readonly<Record<keyof Quote['ohlc'], number>>,
): boolean {
  const close = i32(packet, at.close) / divisor;
  return (
    ohlc.open === i32(packet, at.open) / divisor &&
    ohlc.high === i32(packet, at.high) / divisor &&
    ohlc.low === i32(packet, at.low) / divisor &&
    ohlc.close === close &&
    (close === 0 ? changePercent === null : isNear(changePercent, ((lastPrice - close) * 100) / close))
  );
}

function areSameLevels(
  levels: Full['depth']['buy'],
  packet: Uint8Array,
  at: number,
  divisor: number,
): boolean {
  // The type says so, and it is the client that says the type.
  if ((levels as readonly unknown[]).length !== LEVELS) return false;
  for (const { quantity, price, orders } of levels) {
    if (
      quantity !== u32(packet, at) ||
      price !== i32(packet, at + 4) / divisor ||
      orders !== u16(packet, at + 8)
    )
      return false;
    at += LEVEL_BYTES;
  }
  return true;
}

/** Last price minus close, subtracted before it is scaled. */
function changeOf(packet: Uint8Array, closeAt: number, divisor: number): number | null {
  const close = i32(packet, closeAt);
  return close === 0 ? null : (i32(packet, 4) - close) / divisor;
}

function isNear(value: number | null, expected: number): boolean {
  return value !== null && Math.abs(value - expected) < 1e-9 && !Object.is(value, -0);
}

function seconds(packet: Uint8Array, at: number): number | null {
  const value = u32(packet, at);
  return value === 0 ? null : value * 1000;
}

function u32(packet: Uint8Array, at: number): number {
  return i32(packet, at) >>> 0;
}

function i32(packet: Uint8Array, at: number): number {
  return (packet[at]! << 24) | (packet[at + 1]! << 16) | (packet[at + 2]! << 8) | packet[at + 3]!;
}

function u16(packet: Uint8Array, at: number): number {
  return (packet[at]! << 8) | packet[at + 1]!;
}
