import {
  type DepthLevel,
  encodeFrame,
  type FullTick,
  type IndexFullTick,
  type LtpTick,
  type QuoteTick,
  type Tick,
} from '@kite/protocol';

/** What the packets of a frame are. */
export const SHAPES = ['full', 'quote', 'index', 'ltp', 'mixed'] as const;
export type Shape = (typeof SHAPES)[number];

/** The same frames as a socket library delivers them, and as the official client takes them. */
export interface Frames {
  /** Slices of 64 KiB chunks, as `ws` gives them with `nodebuffer`. */
  readonly slices: readonly Uint8Array[];
  /** An `ArrayBuffer` each, as `ws` gives them with `arraybuffer`; the copying is not part of what is measured. */
  readonly buffers: readonly ArrayBuffer[];
  readonly ticks: number;
}

const CHUNK_BYTES = 65_536;
/** The bytes of a server's frame header between two messages. */
const HEADER_BYTES = 4;

/** At least `ticks` ticks of this many instruments, in frames of `size` packets, placed one after another in chunks. */
export function makeFrames(shape: Shape, size: number, ticks: number, instruments = 3000): Frames {
  const slices: Uint8Array[] = [];
  const buffers: ArrayBuffer[] = [];
  let chunk = Buffer.alloc(CHUNK_BYTES);
  let at = 0;
  for (let made = 0; made < ticks; made += size) {
    const frame = encodeFrame(
      Array.from({ length: size }, (_, index) => tick(shape, (made + index) % instruments)),
    );
    if (at + HEADER_BYTES + frame.length > chunk.length) {
      // A message longer than a chunk gets its own chunk.
      chunk = Buffer.alloc(Math.max(CHUNK_BYTES, HEADER_BYTES + frame.length));
      at = 0;
    }
    at += HEADER_BYTES;
    chunk.set(frame, at);
    slices.push(chunk.subarray(at, at + frame.length));
    buffers.push(frame.buffer);
    at += frame.length;
  }
  return { slices, buffers, ticks: slices.length * size };
}

/** The token of the n-th instrument, at the National Stock Exchange. */
export function tokenOf(n: number): number {
  return 256 * (1000 + n) + 1;
}

function tick(shape: Shape, n: number): Tick {
  switch (shape) {
    case 'full':
      return fullTick(n);
    case 'quote':
      return quoteTick(n);
    case 'index':
      return indexTick(n);
    case 'ltp':
      return ltpTick(n);
    case 'mixed':
      return tick(n % 8 === 0 ? 'index' : n % 4 === 1 ? 'quote' : 'full', n);
  }
}

/** One instrument in fifty was listed today and has not traded: no close, no times. Every market has some. */
function isNew(n: number): boolean {
  return n % 50 === 7;
}

/** All values are below 2³¹, which the official client also reads correctly. */
function price(n: number): number {
  return (100_000 + ((n * 7919) % 90_000)) / 100;
}

function ltpTick(n: number): LtpTick {
  const instrumentToken = tokenOf(n);
  return { mode: 'ltp', instrumentToken, segment: 1, tradable: true, lastPrice: price(n) };
}

function quoteTick(n: number): QuoteTick {
  return {
    ...ltpTick(n),
    mode: 'quote',
    tradable: true,
    lastTradedQuantity: 1 + (n % 500),
    averageTradedPrice: price(n + 1),
    volumeTraded: 1_000_000 + n * 17,
    totalBuyQuantity: 250_000 + n,
    totalSellQuantity: 360_000 + n,
    ohlc: { open: price(n + 2), high: price(n + 3), low: price(n + 4), close: isNew(n) ? 0 : price(n + 5) },
    netChange: null,
    changePercent: null,
  };
}

function fullTick(n: number): FullTick {
  const timestamp = isNew(n) ? null : (1_700_000_000 + n) * 1000;
  return {
    ...quoteTick(n),
    mode: 'full',
    lastTradeTime: timestamp,
    oi: n * 75,
    oiDayHigh: n * 80,
    oiDayLow: n * 70,
    exchangeTimestamp: timestamp,
    depth: { buy: levels(n), sell: levels(n + 5) },
  };
}

function levels(n: number): FullTick['depth']['buy'] {
  const level = (i: number): DepthLevel => ({
    quantity: 1 + n * 3 + i,
    price: price(n + i),
    orders: 1 + (i % 9),
  });
  return [level(0), level(1), level(2), level(3), level(4)];
}

function indexTick(n: number): IndexFullTick {
  return {
    mode: 'full',
    instrumentToken: 256 * (1000 + (n % 100)) + 9,
    segment: 9,
    tradable: false,
    lastPrice: price(n),
    ohlc: { open: price(n + 2), high: price(n + 3), low: price(n + 4), close: price(n + 5) },
    netChange: 5.35,
    changePercent: null,
    exchangeTimestamp: isNew(n) ? null : (1_700_000_000 + n) * 1000,
  };
}
