import type { PACKETS } from './layout.js';
import { isTradable } from './segment.js';
import type {
  Depth,
  DepthLevels,
  FullTick,
  IndexFullTick,
  IndexQuoteTick,
  LtpTick,
  QuoteTick,
  Tick,
} from './tick.js';
import { Full, Index, Level } from './wire-offsets.js';

/** The lengths that identify a packet. */
export type KnownLength = (typeof PACKETS)[keyof typeof PACKETS]['length'];

/** Whether packets of this length are documented. Compares one by one, frequent ones first: a set would cost a hash. */
export function isKnownLength(length: number): length is KnownLength {
  return length === 184 || length === 44 || length === 8 || length === 32 || length === 28;
}

/** Decodes the packet body at `at`. Dispatches on the length, as documented, never on the segment. */
export function decodePacket(
  view: DataView,
  at: number,
  length: KnownLength,
  token: number,
  divisor: number,
): Tick {
  switch (length) {
    case 184:
      return fullTick(view, at, token, divisor);
    case 44:
      return quoteTick(view, at, token, divisor);
    case 8:
      return ltpTick(view, at, token, divisor);
    case 32:
      return indexFullTick(view, at, token, divisor);
    case 28:
      return indexQuoteTick(view, at, token, divisor);
  }
}

// One small function per kind, each returning one literal with its fields in a fixed order: one hidden class per kind
// of tick, and an allocation that the optimiser can fold. A shared, universal reader was measurably slower.

function ltpTick(view: DataView, at: number, token: number, divisor: number): LtpTick {
  const segment = token & 0xff;
  return {
    mode: 'ltp',
    instrumentToken: token,
    segment,
    tradable: isTradable(segment),
    lastPrice: view.getInt32(at + Full.lastPrice) / divisor,
  };
}

// Each `changePercent` ends in `+ 0`: a price equal to a negative close would otherwise give −0.

function indexQuoteTick(view: DataView, at: number, token: number, divisor: number): IndexQuoteTick {
  const lastPrice = view.getInt32(at + Index.lastPrice) / divisor;
  const close = view.getInt32(at + Index.close) / divisor;
  return {
    mode: 'quote',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: false,
    lastPrice,
    ohlc: {
      open: view.getInt32(at + Index.open) / divisor,
      high: view.getInt32(at + Index.high) / divisor,
      low: view.getInt32(at + Index.low) / divisor,
      close,
    },
    netChange: view.getInt32(at + Index.priceChange) / divisor,
    changePercent: close === 0 ? null : ((lastPrice - close) * 100) / close + 0,
  };
}

function indexFullTick(view: DataView, at: number, token: number, divisor: number): IndexFullTick {
  const lastPrice = view.getInt32(at + Index.lastPrice) / divisor;
  const close = view.getInt32(at + Index.close) / divisor;
  return {
    mode: 'full',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: false,
    lastPrice,
    ohlc: {
      open: view.getInt32(at + Index.open) / divisor,
      high: view.getInt32(at + Index.high) / divisor,
      low: view.getInt32(at + Index.low) / divisor,
      close,
    },
    netChange: view.getInt32(at + Index.priceChange) / divisor,
    changePercent: close === 0 ? null : ((lastPrice - close) * 100) / close + 0,
    exchangeTimestamp: timestamp(view, at + Index.exchangeTimestamp),
  };
}

function quoteTick(view: DataView, at: number, token: number, divisor: number): QuoteTick {
  const lastRaw = view.getInt32(at + Full.lastPrice);
  const closeRaw = view.getInt32(at + Full.close);
  const lastPrice = lastRaw / divisor;
  const close = closeRaw / divisor;
  return {
    mode: 'quote',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: true,
    lastPrice,
    lastTradedQuantity: view.getUint32(at + Full.lastTradedQuantity),
    averageTradedPrice: view.getInt32(at + Full.averageTradedPrice) / divisor,
    volumeTraded: view.getUint32(at + Full.volumeTraded),
    totalBuyQuantity: view.getUint32(at + Full.totalBuyQuantity),
    totalSellQuantity: view.getUint32(at + Full.totalSellQuantity),
    ohlc: {
      open: view.getInt32(at + Full.open) / divisor,
      high: view.getInt32(at + Full.high) / divisor,
      low: view.getInt32(at + Full.low) / divisor,
      close,
    },
    netChange: closeRaw === 0 ? null : (lastRaw - closeRaw) / divisor,
    changePercent: closeRaw === 0 ? null : ((lastPrice - close) * 100) / close + 0,
  };
}

function fullTick(view: DataView, at: number, token: number, divisor: number): FullTick {
  const lastRaw = view.getInt32(at + Full.lastPrice);
  const closeRaw = view.getInt32(at + Full.close);
  const lastPrice = lastRaw / divisor;
  const close = closeRaw / divisor;
  return {
    mode: 'full',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: true,
    lastPrice,
    lastTradedQuantity: view.getUint32(at + Full.lastTradedQuantity),
    averageTradedPrice: view.getInt32(at + Full.averageTradedPrice) / divisor,
    volumeTraded: view.getUint32(at + Full.volumeTraded),
    totalBuyQuantity: view.getUint32(at + Full.totalBuyQuantity),
    totalSellQuantity: view.getUint32(at + Full.totalSellQuantity),
    ohlc: {
      open: view.getInt32(at + Full.open) / divisor,
      high: view.getInt32(at + Full.high) / divisor,
      low: view.getInt32(at + Full.low) / divisor,
      close,
    },
    netChange: closeRaw === 0 ? null : (lastRaw - closeRaw) / divisor,
    changePercent: closeRaw === 0 ? null : ((lastPrice - close) * 100) / close + 0,
    lastTradeTime: timestamp(view, at + Full.lastTradeTime),
    oi: view.getUint32(at + Full.oi),
    oiDayHigh: view.getUint32(at + Full.oiDayHigh),
    oiDayLow: view.getUint32(at + Full.oiDayLow),
    exchangeTimestamp: timestamp(view, at + Full.exchangeTimestamp),
    depth: decodeDepth(view, at, divisor),
  };
}

/** The market depth of the full packet with its body at `at`. */
export function decodeDepth(view: DataView, at: number, divisor: number): Depth {
  return {
    buy: depthLevels(view, at + Full.buy, divisor),
    sell: depthLevels(view, at + Full.sell, divisor),
  };
}

/**
 * Written out: a loop with push, or a spread literal, costs more than the rest of a full tick. So does a function per
 * level, in every second process: the optimiser does not always inline ten calls.
 */
function depthLevels(view: DataView, at: number, divisor: number): DepthLevels {
  return [
    {
      quantity: view.getUint32(at + Level.quantity),
      price: view.getInt32(at + Level.price) / divisor,
      orders: view.getUint16(at + Level.orders),
    },
    {
      quantity: view.getUint32(at + Level.length + Level.quantity),
      price: view.getInt32(at + Level.length + Level.price) / divisor,
      orders: view.getUint16(at + Level.length + Level.orders),
    },
    {
      quantity: view.getUint32(at + 2 * Level.length + Level.quantity),
      price: view.getInt32(at + 2 * Level.length + Level.price) / divisor,
      orders: view.getUint16(at + 2 * Level.length + Level.orders),
    },
    {
      quantity: view.getUint32(at + 3 * Level.length + Level.quantity),
      price: view.getInt32(at + 3 * Level.length + Level.price) / divisor,
      orders: view.getUint16(at + 3 * Level.length + Level.orders),
    },
    {
      quantity: view.getUint32(at + 4 * Level.length + Level.quantity),
      price: view.getInt32(at + 4 * Level.length + Level.price) / divisor,
      orders: view.getUint16(at + 4 * Level.length + Level.orders),
    },
  ];
}

function timestamp(view: DataView, at: number): number | null {
  const seconds = view.getUint32(at);
  return seconds === 0 ? null : seconds * 1000;
}
