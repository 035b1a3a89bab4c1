/**
 * The wire, written a second time: from the documentation's tables, byte after byte, with nothing of the package under
 * test. What the package says of a layout is held against what this writes.
 */
class WireWriter {
  readonly #bytes: number[] = [];

  u16(value: number): this {
    return this.#write(value, 2);
  }

  u32(value: number): this {
    return this.#write(value, 4);
  }

  /** Two's complement by hand. */
  i32(value: number): this {
    return this.#write(value < 0 ? value + 2 ** 32 : value, 4);
  }

  raw(bytes: Iterable<number>): this {
    this.#bytes.push(...bytes);
    return this;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }

  #write(value: number, width: number): this {
    for (let shift = width - 1; shift >= 0; shift--) this.#bytes.push(Math.floor(value / 256 ** shift) % 256);
    return this;
  }
}

/** Prices as the wire's integers throughout. */
export interface LtpWire {
  token: number;
  last: number;
}

export interface IndexWire extends LtpWire {
  high: number;
  low: number;
  open: number;
  close: number;
  change: number;
}

export interface QuoteWire extends LtpWire {
  lastQuantity: number;
  average: number;
  volume: number;
  buy: number;
  sell: number;
  open: number;
  high: number;
  low: number;
  close: number;
}

export type LevelWire = readonly [quantity: number, price: number, orders: number];

export interface FullWire extends QuoteWire {
  lastTradeTime: number;
  oi: number;
  oiDayHigh: number;
  oiDayLow: number;
  exchangeTime: number;
  bids: readonly LevelWire[];
  offers: readonly LevelWire[];
}

/** 8 bytes: token · last price. */
export function ltpBody(wire: LtpWire): Uint8Array<ArrayBuffer> {
  return new WireWriter().u32(wire.token).i32(wire.last).bytes();
}

/** 28 bytes: token · last price · high · low · open · close · price change. */
export function indexQuoteBody(wire: IndexWire): Uint8Array<ArrayBuffer> {
  return new WireWriter()
    .u32(wire.token)
    .i32(wire.last)
    .i32(wire.high)
    .i32(wire.low)
    .i32(wire.open)
    .i32(wire.close)
    .i32(wire.change)
    .bytes();
}

/** 32 bytes: the index quote · exchange timestamp. */
export function indexFullBody(wire: IndexWire & { exchangeTime: number }): Uint8Array<ArrayBuffer> {
  return new WireWriter().raw(indexQuoteBody(wire)).u32(wire.exchangeTime).bytes();
}

/** 44 bytes: token · last price · last quantity · average price · volume · buy · sell · open · high · low · close. */
export function quoteBody(wire: QuoteWire): Uint8Array<ArrayBuffer> {
  return new WireWriter()
    .u32(wire.token)
    .i32(wire.last)
    .u32(wire.lastQuantity)
    .i32(wire.average)
    .u32(wire.volume)
    .u32(wire.buy)
    .u32(wire.sell)
    .i32(wire.open)
    .i32(wire.high)
    .i32(wire.low)
    .i32(wire.close)
    .bytes();
}

/** 184 bytes: the quote · last trade time · oi · its day's high · its low · exchange timestamp · 5 bids · 5 offers. */
export function fullBody(wire: FullWire): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter()
    .raw(quoteBody(wire))
    .u32(wire.lastTradeTime)
    .u32(wire.oi)
    .u32(wire.oiDayHigh)
    .u32(wire.oiDayLow)
    .u32(wire.exchangeTime);
  for (const [quantity, price, orders] of [...wire.bids, ...wire.offers])
    writer.u32(quantity).i32(price).u16(orders).raw([0, 0]);
  return writer.bytes();
}

/** u16 count, then each body behind its u16 length. */
export function frameOf(...bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().u16(bodies.length);
  for (const body of bodies) writer.u16(body.length).raw(body);
  return writer.bytes();
}

export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/**
 * The same bytes at `offset` in a larger chunk, as a socket's library hands them out. The chunk's other bytes are all ones,
 * so that a stray read shows.
 */
export function embed(
  bytes: Uint8Array,
  offset: number,
  as: 'Uint8Array' | 'Buffer' = 'Uint8Array',
): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(offset + bytes.length + 13).fill(0xff);
  chunk.set(bytes, offset);
  return as === 'Buffer'
    ? Buffer.from(chunk.buffer, offset, bytes.length)
    : chunk.subarray(offset, offset + bytes.length);
}
