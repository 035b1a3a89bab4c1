import type { FrameIssue } from './frame-issue.js';
import { DEPTH, offsetsOf, PACKETS } from './layout.js';
import { DEFAULT_PRICE_DIVISOR, divisorTable, isTradable, type PriceDivisors } from './segment.js';
import type {
  DepthLevel,
  DepthLevels,
  FullTick,
  IndexFullTick,
  IndexQuoteTick,
  LtpTick,
  QuoteTick,
  Tick,
} from './tick.js';

/** How a frame is decoded. */
export interface DecodeOptions {
  /** Price divisors by segment, on top of the known ones. */
  divisors?: PriceDivisors;
  /** Told of everything in the frame that is not as documented. Without it such things are passed over. */
  onIssue?: (issue: FrameIssue) => void;
}

type OnIssue = DecodeOptions['onIssue'];

const KNOWN_DIVISORS = divisorTable();

/**
 * Decodes one binary WebSocket message into ticks, in the frame's order.
 *
 * Takes a `Uint8Array` at any `byteOffset`, a Node `Buffer` included, and never throws on any bytes: a heartbeat (one
 * byte) gives no ticks, a packet of unknown length is skipped, a truncated frame yields the whole packets before the cut.
 * The ticks hold nothing of the frame, so it may be reused.
 *
 * For many frames a {@link FrameDecoder} is faster.
 */
export function decodeFrame(frame: Uint8Array, options?: DecodeOptions): Tick[] {
  const divisors = options?.divisors ? divisorTable(options.divisors) : KNOWN_DIVISORS;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return decodePackets(view, 0, frame.byteLength, divisors, options?.onIssue);
}

/**
 * {@link decodeFrame} for a stream of frames: keeps between them what may be kept.
 *
 * Sockets hand out small messages as slices of one larger chunk; the `DataView` of the last chunk is kept, since making
 * one costs as much as decoding a packet. One for each connection.
 */
export class FrameDecoder {
  readonly #divisors: Float64Array;
  readonly #onIssue: OnIssue;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** @throws KiteInputError `KITE_PROTOCOL_INVALID_DIVISOR` */
  constructor(options: DecodeOptions = {}) {
    this.#divisors = divisorTable(options.divisors);
    this.#onIssue = options.onIssue;
  }

  /** The frame's ticks, as {@link decodeFrame} gives them. */
  decode(frame: Uint8Array): Tick[] {
    const buffer = frame.buffer;
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
    const start = frame.byteOffset;
    return decodePackets(this.#view, start, start + frame.byteLength, this.#divisors, this.#onIssue);
  }
}

function decodePackets(
  view: DataView,
  start: number,
  end: number,
  divisors: Float64Array,
  onIssue: OnIssue,
): Tick[] {
  const ticks: Tick[] = [];
  if (end - start < 2) {
    // One byte is a heartbeat; no byte at all is no message of this protocol.
    if (end === start)
      onIssue?.({ kind: 'truncated', offset: 0, packetIndex: 0, packetCount: 0, needed: 1, available: 0 });
    return ticks;
  }
  const packetCount = view.getUint16(start);
  let at = start + 2;
  for (let packetIndex = 0; packetIndex < packetCount; packetIndex++) {
    const available = end - at;
    const needed = available < 2 ? 2 : 2 + view.getUint16(at);
    if (needed > available) {
      onIssue?.({ kind: 'truncated', offset: at - start, packetIndex, packetCount, needed, available });
      return ticks;
    }
    const body = at + 2;
    const length = needed - 2;
    if (isKnownLength(length)) {
      const token = view.getUint32(body);
      let divisor = divisors[token & 0xff]!;
      if (divisor === 0) {
        divisor = DEFAULT_PRICE_DIVISOR;
        onIssue?.({
          kind: 'unknown-segment',
          offset: at - start,
          packetIndex,
          instrumentToken: token,
          segment: token & 0xff,
        });
      }
      ticks.push(decodePacket(view, body, length, token, divisor));
    } else {
      const instrumentToken = length >= 4 ? view.getUint32(body) : null;
      onIssue?.({ kind: 'unknown-length', offset: at - start, packetIndex, length, instrumentToken });
    }
    at = body + length;
  }
  if (at < end) onIssue?.({ kind: 'trailing-bytes', offset: at - start, length: end - at });
  return ticks;
}

type KnownLength = (typeof PACKETS)[keyof typeof PACKETS]['length'];

function isKnownLength(length: number): length is KnownLength {
  return length === 184 || length === 44 || length === 8 || length === 32 || length === 28;
}

/** Dispatches on the length, as the documentation says, never on the segment. */
function decodePacket(view: DataView, at: number, length: KnownLength, token: number, divisor: number): Tick {
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
    depth: {
      buy: depthLevels(view, at + DEPTH.buyOffset, divisor),
      sell: depthLevels(view, at + DEPTH.sellOffset, divisor),
    },
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
