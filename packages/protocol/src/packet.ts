import { DEPTH, offsetsOf, PACKETS } from './layout.js';
import { isTradable } from './segment.js';
import type {
  Depth,
  DepthLevel,
  DepthLevels,
  FullTick,
  IndexFullTick,
  IndexQuoteTick,
  LtpTick,
  QuoteTick,
  Tick,
} from './tick.js';

/** The lengths that identify a packet. */
export type KnownLength = (typeof PACKETS)[keyof typeof PACKETS]['length'];

/** Whether packets of this length are documented. Compared one by one, the most frequent first: a set costs a hash for each packet. */
export function isKnownLength(length: number): length is KnownLength {
  return length === 184 || length === 44 || length === 8 || length === 32 || length === 28;
}

/** One packet body at `at`, decoded. Dispatches on the length, as the documentation says, never on the segment. */
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

// One small function for each kind, each returning one literal with its fields in a fixed order: one hidden class for
// each kind of tick, and an allocation that the optimiser can fold. A shared, universal reader was measurably slower.

const ltp = offsetsOf(PACKETS.ltp.fields);
const indexQuote = offsetsOf(PACKETS.indexQuote.fields);
const indexFull = offsetsOf(PACKETS.indexFull.fields);
const quote = offsetsOf(PACKETS.quote.fields);
const full = offsetsOf(PACKETS.full.fields);
const level = offsetsOf(DEPTH.fields);

function ltpTick(view: DataView, at: number, token: number, divisor: number): LtpTick {
  const segment = token & 0xff;
  return {
    mode: 'ltp',
    instrumentToken: token,
    segment,
    tradable: isTradable(segment),
    lastPrice: view.getInt32(at + ltp.lastPrice) / divisor,
  };
}

function indexQuoteTick(view: DataView, at: number, token: number, divisor: number): IndexQuoteTick {
  const lastPrice = view.getInt32(at + indexQuote.lastPrice) / divisor;
  const close = view.getInt32(at + indexQuote.close) / divisor;
  return {
    mode: 'quote',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: false,
    lastPrice,
    ohlc: {
      open: view.getInt32(at + indexQuote.open) / divisor,
      high: view.getInt32(at + indexQuote.high) / divisor,
      low: view.getInt32(at + indexQuote.low) / divisor,
      close,
    },
    netChange: view.getInt32(at + indexQuote.priceChange) / divisor,
    changePercent: close === 0 ? null : ((lastPrice - close) * 100) / close,
  };
}

function indexFullTick(view: DataView, at: number, token: number, divisor: number): IndexFullTick {
  const lastPrice = view.getInt32(at + indexFull.lastPrice) / divisor;
  const close = view.getInt32(at + indexFull.close) / divisor;
  return {
    mode: 'full',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: false,
    lastPrice,
    ohlc: {
      open: view.getInt32(at + indexFull.open) / divisor,
      high: view.getInt32(at + indexFull.high) / divisor,
      low: view.getInt32(at + indexFull.low) / divisor,
      close,
    },
    netChange: view.getInt32(at + indexFull.priceChange) / divisor,
    changePercent: close === 0 ? null : ((lastPrice - close) * 100) / close,
    exchangeTimestamp: timestamp(view, at + indexFull.exchangeTimestamp),
  };
}

function quoteTick(view: DataView, at: number, token: number, divisor: number): QuoteTick {
  const lastRaw = view.getInt32(at + quote.lastPrice);
  const closeRaw = view.getInt32(at + quote.close);
  const lastPrice = lastRaw / divisor;
  const close = closeRaw / divisor;
  return {
    mode: 'quote',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: true,
    lastPrice,
    lastTradedQuantity: view.getUint32(at + quote.lastTradedQuantity),
    averageTradedPrice: view.getInt32(at + quote.averageTradedPrice) / divisor,
    volumeTraded: view.getUint32(at + quote.volumeTraded),
    totalBuyQuantity: view.getUint32(at + quote.totalBuyQuantity),
    totalSellQuantity: view.getUint32(at + quote.totalSellQuantity),
    ohlc: {
      open: view.getInt32(at + quote.open) / divisor,
      high: view.getInt32(at + quote.high) / divisor,
      low: view.getInt32(at + quote.low) / divisor,
      close,
    },
    netChange: closeRaw === 0 ? null : (lastRaw - closeRaw) / divisor,
    changePercent: closeRaw === 0 ? null : ((lastPrice - close) * 100) / close,
  };
}

function fullTick(view: DataView, at: number, token: number, divisor: number): FullTick {
  const lastRaw = view.getInt32(at + full.lastPrice);
  const closeRaw = view.getInt32(at + full.close);
  const lastPrice = lastRaw / divisor;
  const close = closeRaw / divisor;
  return {
    mode: 'full',
    instrumentToken: token,
    segment: token & 0xff,
    tradable: true,
    lastPrice,
    lastTradedQuantity: view.getUint32(at + full.lastTradedQuantity),
    averageTradedPrice: view.getInt32(at + full.averageTradedPrice) / divisor,
    volumeTraded: view.getUint32(at + full.volumeTraded),
    totalBuyQuantity: view.getUint32(at + full.totalBuyQuantity),
    totalSellQuantity: view.getUint32(at + full.totalSellQuantity),
    ohlc: {
      open: view.getInt32(at + full.open) / divisor,
      high: view.getInt32(at + full.high) / divisor,
      low: view.getInt32(at + full.low) / divisor,
      close,
    },
    netChange: closeRaw === 0 ? null : (lastRaw - closeRaw) / divisor,
    changePercent: closeRaw === 0 ? null : ((lastPrice - close) * 100) / close,
    lastTradeTime: timestamp(view, at + full.lastTradeTime),
    oi: view.getUint32(at + full.oi),
    oiDayHigh: view.getUint32(at + full.oiDayHigh),
    oiDayLow: view.getUint32(at + full.oiDayLow),
    exchangeTimestamp: timestamp(view, at + full.exchangeTimestamp),
    depth: decodeDepth(view, at, divisor),
  };
}

/** The market depth of the full packet whose body begins at `at`. */
export function decodeDepth(view: DataView, at: number, divisor: number): Depth {
  return {
    buy: depthLevels(view, at + DEPTH.buyOffset, divisor),
    sell: depthLevels(view, at + DEPTH.sellOffset, divisor),
  };
}

/** Written out: a loop with push, or a literal built by spreading, costs more than all the rest of a full tick. */
function depthLevels(view: DataView, at: number, divisor: number): DepthLevels {
  return [
    depthLevel(view, at, divisor),
    depthLevel(view, at + DEPTH.levelLength, divisor),
    depthLevel(view, at + 2 * DEPTH.levelLength, divisor),
    depthLevel(view, at + 3 * DEPTH.levelLength, divisor),
    depthLevel(view, at + 4 * DEPTH.levelLength, divisor),
  ];
}

function depthLevel(view: DataView, at: number, divisor: number): DepthLevel {
  return {
    quantity: view.getUint32(at + level.quantity),
    price: view.getInt32(at + level.price) / divisor,
    orders: view.getUint16(at + level.orders),
  };
}

function timestamp(view: DataView, at: number): number | null {
  const seconds = view.getUint32(at);
  return seconds === 0 ? null : seconds * 1000;
}
